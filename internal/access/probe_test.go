package access

import (
	"time"

	"roundtable/internal/people"
)

var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

// The people and places of the tests.
const (
	lib   people.LibraryID = "library"
	here  people.BranchID  = "here"
	there people.BranchID  = "there"
	ana   people.PersonID  = "ana"
	ben   people.PersonID  = "ben"
)

// probe is a question that shows one cell of the table: a row, asked by somebody
// who has just that standing and that relation, at the subject's branch or at
// another one.
type probe struct {
	Row
	elsewhere bool
}

// probes returns the questions that show a row: one or two.
func probes(row Row) []probe {
	list := []probe{{row, false}}
	if row.Standing.everElsewhere(row.Kind) {
		list = append(list, probe{row, true})
	}
	return list
}

func (p probe) ask(t *compiled) Decision {
	return t.may(p.actor(), p.Act, p.subject(), noon)
}

func (p probe) branch() people.BranchID {
	switch {
	case p.elsewhere:
		return there
	case p.Kind == Library:
		return ""
	}
	return here
}

func (p probe) library() people.LibraryID {
	if p.Kind == Installation {
		return people.Installation
	}
	return lib
}

func (p probe) actor() Actor {
	var a Actor
	atDevice := p.Relation == OwnDevice || p.Relation == PastDevice
	if p.Standing == AtDevice || atDevice {
		a.Device = &people.Device{ID: "device", Library: p.library(), Branch: p.branch(), Enrolled: noon.Add(-time.Hour)}
	}
	if p.Standing >= Member {
		a.Person = ana
	}
	if r := p.Standing.role(); r != "" {
		a.Memberships = []people.Membership{membership(ana, p.library(), p.branch(), r)}
	}
	return a
}

func membership(who people.PersonID, library people.LibraryID, branch people.BranchID, r people.Role) people.Membership {
	m := people.Membership{Person: who, Library: library, Branch: branch, Role: r, From: noon.Add(-time.Hour)}
	if library == people.Installation || r == people.Auditor || r == people.Board || r == people.Admin {
		m.Branch = ""
	}
	return m
}

func (p probe) subject() Subject {
	s := Subject{Kind: p.Kind, Library: p.library(), Class: p.Class, Sealed: p.Sealed}
	switch p.Kind {
	case Branch, Case, Note, Person, Device:
		s.Branch = here
	}
	return tie(s, p.Relation)
}

// tie makes ana, or the device, have the relation to the subject.
func tie(s Subject, r Relation) Subject {
	switch r {
	case Walker:
		s.Running, s.Walkers = true, []people.PersonID{ben, ana}
	case Author:
		s.Authors = []people.PersonID{ben, ana}
	case Assigned:
		s.Assigned = []people.PersonID{ben, ana}
	case Owner:
		s.Owner = ana
	case Told:
		s.Running, s.Told = true, []people.PersonID{ben, ana}
	case OwnDevice:
		s.Running, s.Devices = true, []people.DeviceID{"other", "device"}
	case PastDevice:
		s.Devices = []people.DeviceID{"device"}
	case Bearer:
		s.Bearer = true
	case Self:
		s.Account, s.Device = ana, "device"
	case Proposer:
		s.Proposer = ana
	}
	return s
}
