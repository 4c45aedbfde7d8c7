package report

import "io"

// schema is the part of JSON Schema that describes a report. Its fields stand
// in the order in which they are written.
type schema struct {
	Schema      string             `json:"$schema,omitempty"`
	ID          string             `json:"$id,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        string             `json:"type"`
	Format      string             `json:"format,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Additional  *bool              `json:"additionalProperties,omitempty"`
}

// schemaID names the shape of the report. Its number is that of the shape which
// other tools write too.
const schemaID = "https://github.com/terrace-iac/terrace/schemas/run/report/v4/schema.json"

// WriteSchema writes a JSON Schema, draft 2020-12, of the JSON report.
func WriteSchema(w io.Writer) error {
	closed := false
	return encode(w, schema{
		Schema: "https://json-schema.org/draft/2020-12/schema", ID: schemaID,
		Title: "Run report", Description: "How each unit of a run ended, in the order in which they started.",
		Type: "array",
		Items: &schema{
			Type: "object", Additional: &closed,
			Required:   []string{"Started", "Ended", "Name", "Result"},
			Properties: properties(),
		},
	})
}

func properties() map[string]*schema {
	return map[string]*schema{
		"Name":    {Type: "string", Description: "Path of the unit."},
		"Started": {Type: "string", Format: "date-time", Description: "When the unit started."},
		"Ended":   {Type: "string", Format: "date-time", Description: "When the unit ended."},
		"Result":  {Type: "string", Enum: texts(results()), Description: "How the unit ended."},
		"Reason":  {Type: "string", Enum: texts(reasons()), Description: "Why it ended so."},
		"Cause":   {Type: "string", Description: "The rule that was used, the error, or the unit that failed before."},
		"Ref":     {Type: "string", Description: "Git reference that the unit was taken from."},
		"Cmd":     {Type: "string", Description: "Command of the wrapped binary."},
		"Args":    {Type: "array", Items: &schema{Type: "string"}, Description: "Arguments of the command."},
	}
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = string(x)
	}
	return out
}
