// Package notify says who is told when the desk needs somebody, in which order,
// and what is known of it: the duty plan, the ladders, and an alert as its
// events.
//
// Nothing here has a clock, a database or a network. Times come in as values;
// Next says what has to be done now and when to look again, and whoever calls it
// records and sends. The channels that send (mail, push, sms) are Senders.
//
// Four promises are kept here:
//
//   - Nothing that is sent says what happened. The text of a message is one of a
//     few fixed sentences and a link (Compose); events know people by pseudonym
//     and hold no words at all.
//   - Ordered, sent, delivered, read and answered are facts of their own, each
//     with its time. None of them is taken for another.
//   - No rung of a ladder is left out, and no attempt is ordered twice, whenever
//     and however often Next is asked.
//   - An alert goes on until somebody answers it or it is called off. That the
//     walk has ended stops nothing.
package notify
