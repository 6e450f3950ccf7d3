-- Photos of papers and things, each in pieces that are sealed apart. Which photo it
-- is, when and at which step it was taken, and what its bytes must be is in the
-- event of its id.
CREATE TABLE case_photos (
	library_id {{text}} NOT NULL,
	case_id    {{text}} NOT NULL,
	photo_id   {{text}} NOT NULL,
	piece      {{int}}  NOT NULL,                -- from 1
	sealed     {{blob}} NOT NULL,                -- {its class, a photo of a paper or a thing}
	PRIMARY KEY (library_id, case_id, photo_id, piece),
	FOREIGN KEY (library_id, case_id) REFERENCES cases (library_id, id) ON DELETE CASCADE
){{strict}};
{{wall "case_photos"}}
