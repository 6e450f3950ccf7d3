// Package web is the HTTP side of Roundtable: one table of all routes (routes.go),
// what stands before every one of them (server.go), and a file of handlers for each
// subject.
//
// A handler reads what was sent into the form of a page, calls one method of
// package app, and fills a page of package page. It decides nothing and knows no
// store. It returns an error; one place (trouble.go) makes a page of it.
//
// # What stands before a handler
//
// In this order: a number for the request and its line in the log; a net for
// panics; the name by which the server was called; security headers; where an
// unsafe request came from; how often strangers may ask; how much may be sent; who
// asks; and whether the same press of a button was answered already.
//
// # What is never kept
//
// The address of whoever asks is passed to the counters of tries and kept nowhere.
// The log has method, route, status, length and time, and neither the address, nor
// the browser, nor what stood in the query or a form.
package web
