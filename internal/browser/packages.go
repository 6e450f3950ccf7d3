package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// modulePath is the path of this module, in which the test packages lie at
// nodeModules.
const (
	modulePath  = "roundtable"
	nodeModules = "internal/browser/node_modules"
)

// packageFile returns the path of a file of a test package, such as
// "axe-core/axe.min.js". Tests run in the folder of their package, so the module
// is looked for from there upwards.
func packageFile(name string) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	path := filepath.Join(root, filepath.FromSlash(nodeModules), filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%w (./check setup installs it)", err)
	}
	return path, nil
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && declares(string(text), modulePath) {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod of module %s above the working directory", modulePath)
		}
		dir = up
	}
}

func declares(goMod, module string) bool {
	for line := range strings.Lines(goMod) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "module" {
			return f[1] == module
		}
	}
	return false
}
