package store

import (
	"context"

	"roundtable/internal/people"
	"roundtable/internal/signin"
)

const deviceColumns = `id, of_library, of_branch, name, enrolled, revoked`

var (
	deviceAdd  = sqlOf(`INSERT INTO devices (library_id, token, ` + deviceColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`)
	devicePut  = sqlOf(`UPDATE devices SET of_branch = $3, name = $4, revoked = $5 WHERE library_id = $1 AND id = $2`)
	deviceGet  = sqlOf(`SELECT ` + deviceColumns + ` FROM devices WHERE library_id = $1 AND id = $2`)
	deviceFind = sqlOf(`SELECT ` + deviceColumns + ` FROM devices WHERE library_id = $1 AND token = $2`)
	deviceList = sqlOf(`SELECT ` + deviceColumns + ` FROM devices WHERE library_id = $1 AND of_library = $2 ORDER BY revoked, name, id`)
)

// AddDevice enrols a device, found from now on by its token.
func (t *Tx) AddDevice(ctx context.Context, d people.Device, token signin.Digest) error {
	return t.one(ctx, deviceAdd, string(token), d.ID, d.Library, d.Branch, d.Name, millis(d.Enrolled), millis(d.Revoked))
}

// PutDevice changes a device's branch and name, or keeps that it was revoked.
func (t *Tx) PutDevice(ctx context.Context, d people.Device) error {
	return t.one(ctx, devicePut, d.ID, d.Branch, d.Name, millis(d.Revoked))
}

// Device returns a device by its id.
func (t *Tx) Device(ctx context.Context, id people.DeviceID) (people.Device, error) {
	return first(ctx, t, deviceGet, readDevice, id)
}

// DeviceByToken returns the device that a cookie's token finds.
func (t *Tx) DeviceByToken(ctx context.Context, token signin.Digest) (people.Device, error) {
	return first(ctx, t, deviceFind, readDevice, string(token))
}

// Devices lists a library's devices, those that work first.
func (t *Tx) Devices(ctx context.Context, library people.LibraryID) ([]people.Device, error) {
	return all(ctx, t, deviceList, readDevice, library)
}

func readDevice(scan scanner) (d people.Device, err error) {
	var enrolled, revoked int64
	err = scan(&d.ID, &d.Library, &d.Branch, &d.Name, &enrolled, &revoked)
	d.Enrolled, d.Revoked = at(enrolled), at(revoked)
	return d, err
}

const membershipColumns = `id, person_id, of_library, of_branch, role, outside, from_at, until_at`

var (
	membershipAdd = sqlOf(`INSERT INTO memberships (library_id, ` + membershipColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`)
	membershipEnd = sqlOf(`UPDATE memberships SET until_at = $3 WHERE library_id = $1 AND id = $2`)
	membershipGet = sqlOf(`SELECT ` + membershipColumns + ` FROM memberships WHERE library_id = $1 AND id = $2`)
	membershipsOf = sqlOf(`SELECT ` + membershipColumns + ` FROM memberships WHERE library_id = $1 AND person_id = $2 ORDER BY from_at, id`)
	membershipsAt = sqlOf(`SELECT ` + membershipColumns + ` FROM memberships WHERE library_id = $1 AND of_library = $2 ORDER BY person_id, from_at, id`)
)

// AddMembership gives a role.
func (t *Tx) AddMembership(ctx context.Context, m people.Membership) error {
	return t.one(ctx, membershipAdd, m.ID, m.Person, m.Library, m.Branch, string(m.Role), m.Outside, millis(m.From), millis(m.Until))
}

// EndMembership keeps when a membership ends.
func (t *Tx) EndMembership(ctx context.Context, m people.Membership) error {
	return t.one(ctx, membershipEnd, m.ID, millis(m.Until))
}

// Membership returns one membership.
func (t *Tx) Membership(ctx context.Context, id people.MembershipID) (people.Membership, error) {
	return first(ctx, t, membershipGet, readMembership, id)
}

// MembershipsOf lists a person's memberships, those that ended too.
func (t *Tx) MembershipsOf(ctx context.Context, person people.PersonID) ([]people.Membership, error) {
	return all(ctx, t, membershipsOf, readMembership, person)
}

// MembershipsAt lists the memberships at a library, those that ended too.
func (t *Tx) MembershipsAt(ctx context.Context, library people.LibraryID) ([]people.Membership, error) {
	return all(ctx, t, membershipsAt, readMembership, library)
}

func readMembership(scan scanner) (m people.Membership, err error) {
	var from, until int64
	err = scan(&m.ID, &m.Person, &m.Library, &m.Branch, &m.Role, &m.Outside, &from, &until)
	m.From, m.Until = at(from), at(until)
	return m, err
}
