// Package stepview turns a walk and its words into what pages show of it: a step,
// the end, the words alone. The same code makes the fragment of a step without any
// walk, which a device keeps.
//
// It decides what is shown and in which order, and nothing else: it has no HTTP, no
// database and no clock, and it changes no walk.
package stepview
