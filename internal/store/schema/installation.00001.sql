-- Who may come in, and which libraries there are. Nothing of any case is here.
-- Columns with a comment {class, what for} are listed in the data inventory.

CREATE TABLE libraries (
	library_id {{text}} NOT NULL,                -- always 'installation'
	id         {{text}} NOT NULL,
	name       {{text}} NOT NULL,                -- {R0, shown on pages}
	place      {{text}} NOT NULL,                -- {R0, the state or territory, for law data}
	time_zone  {{text}} NOT NULL,                -- {R0, times on pages}
	host       {{text}} NOT NULL,                -- {R0, which library a public page is for; '' if any}
	made       {{int}}  NOT NULL,
	ready      {{bool}} NOT NULL,                -- its own rows and keys are there
	PRIMARY KEY (library_id, id)
){{strict}};
{{wall "libraries"}}

-- The person's name, initials, mail and telephone are sealed under the person's own key.
CREATE TABLE accounts (
	library_id {{text}} NOT NULL,
	person_id  {{text}} NOT NULL,
	mail_tag   {{text}},                         -- {R10, sign-in by mail; a keyed tag}
	sealed     {{blob}} NOT NULL,                -- {R10, who works here}
	version    {{int}}  NOT NULL,
	made       {{int}}  NOT NULL,
	left_at    {{int}}  NOT NULL,                -- 0 while the person works here
	PRIMARY KEY (library_id, person_id),
	UNIQUE (library_id, mail_tag)
){{strict}};
{{wall "accounts"}}

-- What a person proves with who they are. The lookup is a digest or keyed tag.
CREATE TABLE credentials (
	library_id {{text}} NOT NULL,
	id         {{text}} NOT NULL,
	person_id  {{text}} NOT NULL,
	kind       {{text}} NOT NULL,
	lookup     {{text}},
	sealed     {{blob}} NOT NULL,                -- {R10, sign-in}
	version    {{int}}  NOT NULL,
	made       {{int}}  NOT NULL,
	used       {{int}}  NOT NULL,
	PRIMARY KEY (library_id, id),
	UNIQUE (library_id, kind, lookup),
	FOREIGN KEY (library_id, person_id) REFERENCES accounts (library_id, person_id)
){{strict}};
CREATE INDEX credentials_of_person ON credentials (library_id, person_id, kind);
{{wall "credentials"}}

CREATE TABLE sessions (
	library_id {{text}} NOT NULL,
	id         {{text}} NOT NULL,
	token      {{text}} NOT NULL,                -- a digest
	person_id  {{text}} NOT NULL,
	device_id  {{text}} NOT NULL,
	method     {{text}} NOT NULL,
	at_library {{text}} NOT NULL,                -- which library's pages are shown
	at_branch  {{text}} NOT NULL,
	began      {{int}}  NOT NULL,
	used       {{int}}  NOT NULL,
	shut       {{bool}} NOT NULL,
	missed     {{int}}  NOT NULL,
	ended      {{int}}  NOT NULL,
	PRIMARY KEY (library_id, id),
	UNIQUE (library_id, token),
	FOREIGN KEY (library_id, person_id) REFERENCES accounts (library_id, person_id)
){{strict}};
CREATE INDEX sessions_of_person ON sessions (library_id, person_id, began);
{{wall "sessions"}}

-- Invitations, enrolments, codes for handing over, and half-done sign-ins.
CREATE TABLE tickets (
	library_id {{text}} NOT NULL,
	digest     {{text}} NOT NULL,
	purpose    {{text}} NOT NULL,
	person_id  {{text}} NOT NULL,                -- whom it is for; '' if nobody yet
	of_library {{text}} NOT NULL,
	of_branch  {{text}} NOT NULL,
	by_person  {{text}} NOT NULL,
	content    {{blob}} NOT NULL,                -- what a half-done sign-in has to remember; never of a case
	made       {{int}}  NOT NULL,
	until_at   {{int}}  NOT NULL,
	used       {{int}}  NOT NULL,
	ended      {{int}}  NOT NULL,
	PRIMARY KEY (library_id, digest)
){{strict}};
CREATE INDEX tickets_of_library ON tickets (library_id, of_library, purpose, until_at);
CREATE INDEX tickets_of_person ON tickets (library_id, person_id, purpose);
{{wall "tickets"}}

CREATE TABLE devices (
	library_id {{text}} NOT NULL,
	id         {{text}} NOT NULL,
	token      {{text}} NOT NULL,                -- a digest
	of_library {{text}} NOT NULL,
	of_branch  {{text}} NOT NULL,
	name       {{text}} NOT NULL,                -- {R0, where it stands}
	enrolled   {{int}}  NOT NULL,
	revoked    {{int}}  NOT NULL,
	PRIMARY KEY (library_id, id),
	UNIQUE (library_id, token)
){{strict}};
CREATE INDEX devices_of_library ON devices (library_id, of_library, of_branch);
{{wall "devices"}}

CREATE TABLE memberships (
	library_id {{text}} NOT NULL,
	id         {{text}} NOT NULL,
	person_id  {{text}} NOT NULL,
	of_library {{text}} NOT NULL,
	of_branch  {{text}} NOT NULL,                -- '' for the library as a whole
	role       {{text}} NOT NULL,
	outside    {{bool}} NOT NULL,
	from_at    {{int}}  NOT NULL,
	until_at   {{int}}  NOT NULL,                -- 0 while no end is set
	PRIMARY KEY (library_id, id),
	FOREIGN KEY (library_id, person_id) REFERENCES accounts (library_id, person_id)
){{strict}};
CREATE INDEX memberships_of_person ON memberships (library_id, person_id);
CREATE INDEX memberships_of_library ON memberships (library_id, of_library);
{{wall "memberships"}}

-- Under which name a person stands in a library's cases and ledger, sealed under
-- the person's key: when that is destroyed, nothing leads from one to the other.
CREATE TABLE pseudonyms (
	library_id {{text}} NOT NULL,
	person_id  {{text}} NOT NULL,
	of_library {{text}} NOT NULL,
	sealed     {{blob}} NOT NULL,                -- {R10, the pseudonym}
	PRIMARY KEY (library_id, person_id, of_library),
	FOREIGN KEY (library_id, person_id) REFERENCES accounts (library_id, person_id)
){{strict}};
CREATE INDEX pseudonyms_of_library ON pseudonyms (library_id, of_library);
{{wall "pseudonyms"}}
