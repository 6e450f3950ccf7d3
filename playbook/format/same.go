package format

import (
	"reflect"

	"roundtable/playbook/diag"
	"roundtable/playbook/syntax"
)

// difference compares two trees whatever the places of their nodes, and
// returns the place in the first of what differs; the zero Position when
// nothing does.
func difference(a, b *syntax.File) diag.Position {
	d := differ{at: diag.Position{Line: 1, Column: 1}}
	if d.same(reflect.ValueOf(a), reflect.ValueOf(b)) {
		return diag.Position{}
	}
	return d.at
}

// differ holds the last place that was seen.
type differ struct{ at diag.Position }

// notCompared are fields that a canonical form may change: the words of a
// guard, whose expression is compared, what is counted in lines, and which
// keys without a value are there.
var notCompared = map[string]bool{"GuardText": true, "Lines": true, "Keys": true}

func (d *differ) same(a, b reflect.Value) bool {
	if pos, ok := a.Interface().(diag.Position); ok {
		if pos.IsValid() {
			d.at = pos
		}
		return true
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return a.Elem().Type() == b.Elem().Type() && d.same(a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !d.same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		return d.sameFields(a, b)
	}
	return a.Interface() == b.Interface()
}

func (d *differ) sameFields(a, b reflect.Value) bool {
	for i := range a.NumField() {
		if !notCompared[a.Type().Field(i).Name] && !d.same(a.Field(i), b.Field(i)) {
			return false
		}
	}
	return true
}
