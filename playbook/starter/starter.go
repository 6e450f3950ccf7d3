// Package starter holds the playbooks, parts and rehearsals that Roundtable
// ships, with their translations. A library adopts them and changes its copies.
package starter

import "embed"

// Files holds the shipped files, all in its root.
//
//go:embed *.md
var Files embed.FS
