package locales

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// Lint names every fault of the words of a checkout, each with its file and line: what Check, Unused and Missing find. root is the
// module's folder.
func Lint(root fs.FS) ([]string, error) {
	folder, err := fs.Sub(root, "locales")
	if err != nil {
		return nil, fmt.Errorf("lint words: %w", err)
	}
	w, err := LoadFrom(folder)
	if err != nil {
		return []string{"locales: " + err.Error()}, nil //nolint:nilerr // words that cannot be read are a fault of theirs, not of the check
	}
	lines := map[string]map[string]int{}
	for _, lang := range Langs() {
		content, err := fs.ReadFile(folder, string(lang)+".toml")
		if err != nil {
			return nil, fmt.Errorf("lint words: %w", err)
		}
		lines[string(lang)+".toml"] = keyLines(string(content))
	}
	usage, err := ReadUsage(root)
	if err != nil {
		return nil, err
	}
	var faults []string
	for _, fault := range w.Check() {
		faults = append(faults, placed(fault, lines))
	}
	for _, key := range w.Unused(usage) {
		faults = append(faults, placed("fr.toml: "+key+" is used by no source", lines))
	}
	faults = append(faults, w.Missing(usage)...)
	slices.Sort(faults)
	return faults, nil
}

// placed gives a fault of Check ("fr.toml: key …", "key: …") the line on which its key stands. A key that one file lacks is shown
// where the other has it.
func placed(fault string, lines map[string]map[string]int) string {
	file, rest, ok := strings.Cut(fault, ".toml: ")
	if !ok {
		file, rest = "fr", fault
	}
	key, _, _ := strings.Cut(rest, " ")
	key = strings.TrimSuffix(key, ":")
	for _, name := range []string{file + ".toml", "fr.toml", "ar.toml"} {
		if line := lines[name][key]; line != 0 {
			return fmt.Sprintf("locales/%s:%d: %s", name, line, fault)
		}
	}
	return "locales/" + file + ".toml:1: " + fault
}

var (
	tomlSection = regexp.MustCompile(`^\s*\[\s*([\w.]+)\s*\]`)
	tomlKey     = regexp.MustCompile(`^\s*"?([\w.]+)"?\s*=`)
)

// keyLines says on which line each key of a file stands.
func keyLines(content string) map[string]int {
	at, section := map[string]int{}, ""
	for i, line := range strings.Split(content, "\n") {
		if m := tomlSection.FindStringSubmatch(line); m != nil {
			section = m[1] + "."
			at[m[1]] = i + 1
		} else if m := tomlKey.FindStringSubmatch(line); m != nil {
			at[section+m[1]] = i + 1
		}
	}
	return at
}
