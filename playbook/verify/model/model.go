// Package model makes Programs to try the checker on: random small ones that
// reach every feature, and large ones of known shapes. It also writes a Program
// as Promela, so that SPIN can be asked about the same model.
package model
