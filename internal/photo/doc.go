// Package photo takes in photos of papers and things: it looks at what a picture
// says of itself before anything is decoded, decodes it, turns it as it was held,
// makes it as large as small print needs, and writes it anew as a JPEG. What is
// written holds the pixels and nothing else: no place, no time, no name of a camera,
// no thumbnail, and nothing that was hung on behind.
//
// The same bytes in give the same bytes out. Nothing here has a clock, a database or
// a network, and nothing looks at what a photo shows.
package photo
