package store

import (
	"context"
	"time"

	"roundtable/internal/people"
	"roundtable/internal/signin"
)

// Ticket is a ticket with what it is for.
type Ticket struct {
	signin.Ticket
	Person  people.PersonID // whom it is for, "" if nobody yet
	Library people.LibraryID
	Branch  people.BranchID
	By      people.PersonID
	Content []byte // what a half-done sign-in has to remember, or how far an invitation's letter is; never of a case
}

const ticketColumns = `digest, purpose, person_id, of_library, of_branch, by_person, content, made, until_at, used, ended`

var (
	ticketAdd   = sqlOf(`INSERT INTO tickets (library_id, ` + ticketColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`)
	ticketPut   = sqlOf(`UPDATE tickets SET used = $3, ended = $4 WHERE library_id = $1 AND digest = $2`)
	ticketFill  = sqlOf(`UPDATE tickets SET content = $3 WHERE library_id = $1 AND digest = $2`)
	ticketGet   = sqlOf(`SELECT ` + ticketColumns + ` FROM tickets WHERE library_id = $1 AND digest = $2`)
	ticketsAt   = sqlOf(`SELECT ` + ticketColumns + ` FROM tickets WHERE library_id = $1 AND of_library = $2 AND purpose = $3 AND until_at > $4 AND used = 0 AND ended = 0 ORDER BY made, digest`)
	ticketsOf   = sqlOf(`SELECT ` + ticketColumns + ` FROM tickets WHERE library_id = $1 AND person_id = $2 AND purpose = $3 AND until_at > $4 AND used = 0 AND ended = 0 ORDER BY made, digest`)
	ticketTake  = sqlOf(`DELETE FROM tickets WHERE library_id = $1 AND digest = $2 AND purpose = $3 RETURNING ` + ticketColumns)
	ticketSweep = sqlOf(`DELETE FROM tickets WHERE library_id = $1 AND until_at < $2`)
)

// AddTicket adds a ticket.
func (t *Tx) AddTicket(ctx context.Context, k Ticket) error {
	return t.one(ctx, ticketAdd, string(k.Digest), string(k.Purpose), k.Person, k.Library, k.Branch, k.By, whole(k.Content),
		millis(k.Made), millis(k.Until), millis(k.Used), millis(k.Ended))
}

// PutTicket keeps that a ticket was used or withdrawn.
func (t *Tx) PutTicket(ctx context.Context, k signin.Ticket) error {
	return t.one(ctx, ticketPut, string(k.Digest), millis(k.Used), millis(k.Ended))
}

// FillTicket keeps another content of a ticket.
func (t *Tx) FillTicket(ctx context.Context, d signin.Digest, content []byte) error {
	return t.one(ctx, ticketFill, string(d), whole(content))
}

// Ticket returns the ticket that a digest finds.
func (t *Tx) Ticket(ctx context.Context, d signin.Digest) (Ticket, error) {
	return first(ctx, t, ticketGet, readTicket, string(d))
}

// TakeTicket deletes the ticket for a purpose that a digest finds, and returns it.
// Of two who take it at once only one gets it.
func (t *Tx) TakeTicket(ctx context.Context, d signin.Digest, p signin.Purpose) (Ticket, error) {
	return first(ctx, t, ticketTake, readTicket, string(d), string(p))
}

// TicketsAt lists a library's tickets for a purpose that can still be used.
func (t *Tx) TicketsAt(ctx context.Context, library people.LibraryID, p signin.Purpose, now time.Time) ([]Ticket, error) {
	return all(ctx, t, ticketsAt, readTicket, library, string(p), millis(now))
}

// TicketsOf lists a person's tickets for a purpose that can still be used.
func (t *Tx) TicketsOf(ctx context.Context, person people.PersonID, p signin.Purpose, now time.Time) ([]Ticket, error) {
	return all(ctx, t, ticketsOf, readTicket, person, string(p), millis(now))
}

// SweepTickets deletes tickets that ran out before a time.
func (t *Tx) SweepTickets(ctx context.Context, before time.Time) (int64, error) {
	return t.exec(ctx, ticketSweep, millis(before))
}

func readTicket(scan scanner) (k Ticket, err error) {
	var made, until, used, ended int64
	err = scan(&k.Digest, &k.Purpose, &k.Person, &k.Library, &k.Branch, &k.By, &k.Content, &made, &until, &used, &ended)
	k.Made, k.Until, k.Used, k.Ended = at(made), at(until), at(used), at(ended)
	return k, err
}
