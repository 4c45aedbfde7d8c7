package shell

func roleOfSystem(string, string) {}
