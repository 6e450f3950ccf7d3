package app

import (
	"context"

	"roundtable/internal/live"
	"roundtable/internal/people"
	"roundtable/internal/store"
)

// The topics that pages listen to, beside the id of each case.
const (
	topicCases  = "cases"  // something runs, began, or ended
	topicPeople = "people" // people, roles, duties
	topicPlaces = "places" // branches, devices, numbers, settings
	topicAlerts = "alerts" // there is something to do for an alert; whoever sends it is woken
)

func topicsOf(library people.LibraryID, names []string) []live.Topic {
	topics := make([]live.Topic, len(names))
	for i, name := range names {
		topics[i] = live.Topic{Library: library, Name: name}
	}
	return topics
}

// notify tells other processes, once the transaction commits.
func (a *App) notify(ctx context.Context, tx *store.Tx, names []string) error {
	if !a.store.IsPostgres() || len(names) == 0 {
		return nil
	}
	return tx.Notify(ctx, a.live.Payload(topicsOf(tx.Tenant(), names)...))
}

// tell tells the listeners of this process, once the transaction has committed.
// Where there may be other processes the relay does that, for this one as well. Alerts
// are begun by the process that ordered them, at once.
func (a *App) tell(topics []live.Topic) {
	for _, t := range topics {
		if t.Name == topicAlerts {
			a.alarms.wake(t.Library)
		}
	}
	if !a.store.IsPostgres() && len(topics) > 0 {
		a.live.Publish(topics...)
	}
}

// Live returns the hub to which pages listen.
func (a *App) Live() *live.Hub { return a.live }
