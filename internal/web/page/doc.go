// Package page is what people see: one struct for each page, and the templates
// that show it.
//
// A handler fills a struct and calls [Render] on a buffer. Everything shown
// stands in the struct, as a typed field: a misspelt field fails a test, where a
// map would quietly show nothing. The package asks no store, decides nothing,
// and knows no clock: times come in the zone of the branch that they are shown
// for, and words that depend on how long ago something was come in as words.
//
// # Frame
//
// Every page embeds a [Frame]: language, who is signed in, the library, notices.
// The page itself knows its title, its place in the navigation and whether its
// style stands in the page (DECISIONS.md 24).
//
// # Forms
//
// A form is a struct that embeds [Form] and has one field for each input, with
// the tag `form:"name"` telling the input's name. The zero value is an empty
// form. To show it again, fill in what was typed (never a password, a PIN or a
// code) and set Problems to the fault's fields. A fault that is about no field
// goes into [Form.Refused] in words. Where each form is sent is told at its struct
// as "Posts to". Boxes that are ticked send "yes".
//
// # Links
//
// A page never makes the address of a case, a person or a device out of parts:
// these come in whole, in fields named Href. Addresses of the places that the
// sitemap fixes are in the templates.
//
// [Gallery] returns every page in every state, with invented data.
package page
