package providercache

import (
	"archive/zip"
	"fmt"
	"path/filepath"
)

// Bounds of a provider, unpacked: the largest public ones have one file of
// less than a gigabyte. The binary unpacks what it gets from us.
const (
	unpackedFiles = 10_000
	unpackedBytes = 8 << 30
)

// boundedArchive refuses an archive that would fill a disk, or write outside
// of where it is unpacked.
func boundedArchive(path string) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("it is no zip archive: %w", err)
	}
	defer z.Close()
	if len(z.File) > unpackedFiles {
		return fmt.Errorf("it holds %d files; the limit is %d", len(z.File), unpackedFiles)
	}
	var total uint64
	for _, f := range z.File {
		switch total += f.UncompressedSize64; {
		case !filepath.IsLocal(filepath.FromSlash(f.Name)):
			return fmt.Errorf("it holds %q, which leads out of it", f.Name)
		case !f.Mode().IsRegular() && !f.Mode().IsDir():
			return fmt.Errorf("it holds %q, which is neither file nor folder", f.Name)
		case f.UncompressedSize64 > unpackedBytes || total > unpackedBytes:
			return fmt.Errorf("unpacked it is larger than %d bytes", uint64(unpackedBytes))
		}
	}
	return nil
}
