// Package live tells open pages that something has changed, and never what. A
// page that is told fetches itself again, through the same gate as the first
// time; so nothing that a person may not see can reach it by way of a signal.
//
// # What is promised
//
//   - Publish never waits for a listener. A listener holds at most one signal
//     that it has not taken; what is published meanwhile is the same news, so it
//     replaces that signal. One that takes nothing for longer than
//     Options.Patience is dropped, and its browser comes back.
//   - Nothing is missed between a page and its signals. Mark is taken before a
//     page's data are read, and given to Subscribe when the page asks to be told:
//     what was published in between is signalled at once. The same with the id of
//     the last signal after a lost connection (Last-Event-ID). Where the hub no
//     longer knows, because too much has happened or another process answers, it
//     says "changed" rather than nothing.
//   - A signal tells nothing of anybody else. Its number counts this listener's
//     signals; its id is the hub's place in time under a key of its own, so that
//     two ids do not tell how much went on between them in another library.
//   - The number of listeners is bounded, as is what the hub remembers.
//
// # Several app servers
//
// With PostgreSQL, each app server has a Relay, which listens on a connection of
// its own. Whoever writes sends Hub.Payload by NOTIFY in the same transaction,
// so that nobody is told of what is not committed; the relays, the writer's own
// among them, pass it on. Where relays run, nobody calls Publish.
//
// The payload is no secret kept, but tells little: tags of topics, made under a
// key (Options.TagKey) that all app servers share and the database never sees.
package live
