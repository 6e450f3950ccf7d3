-- Everything of a library.

CREATE TABLE branches (
	library_id {{text}} NOT NULL,
	id         {{text}} NOT NULL,
	name       {{text}} NOT NULL,                -- {R0, shown on pages}
	prefix     {{text}} NOT NULL,                -- {R0, what the desk dials first for an outside line}
	phone      {{text}} NOT NULL,                -- {R0, the desk's own number}
	emergency  {{text}} NOT NULL,                -- {R0, its sentence about emergency calls; '' for the usual one}
	time_zone  {{text}} NOT NULL,                -- {R0, times on pages}
	position   {{int}}  NOT NULL,
	closed     {{int}}  NOT NULL,                -- 0 while it is open
	PRIMARY KEY (library_id, id)
){{strict}};
{{wall "branches"}}

-- Numbers that the desk calls: of a role at a branch, or an outside line.
CREATE TABLE phone_lines (
	library_id {{text}} NOT NULL,
	id         {{text}} NOT NULL,
	branch_id  {{text}} NOT NULL,                -- '' for all branches
	line       {{text}} NOT NULL,                -- a role, or a line such as police
	label      {{text}} NOT NULL,                -- {R0, shown on pages; no person's name}
	number     {{text}} NOT NULL,                -- {R0, a number of the library or of an office}
	position   {{int}}  NOT NULL,
	PRIMARY KEY (library_id, id)
){{strict}};
{{wall "phone_lines"}}

-- Who is in charge, or otherwise on duty, from when to when.
CREATE TABLE duties (
	library_id {{text}} NOT NULL,
	id         {{text}} NOT NULL,
	branch_id  {{text}} NOT NULL,
	role       {{text}} NOT NULL,
	pseudonym  {{text}} NOT NULL,
	from_at    {{int}}  NOT NULL,
	until_at   {{int}}  NOT NULL,
	PRIMARY KEY (library_id, id)
){{strict}};
CREATE INDEX duties_at ON duties (library_id, branch_id, until_at);
{{wall "duties"}}

-- Programs that were ever adopted. A walk and its record name one by its hash.
CREATE TABLE programs (
	library_id {{text}} NOT NULL,
	hash       {{text}} NOT NULL,
	playbook   {{text}} NOT NULL,                -- {R0, the playbook's id}
	program    {{blob}} NOT NULL,                -- its JSON form
	made       {{int}}  NOT NULL,
	PRIMARY KEY (library_id, hash)
){{strict}};
{{wall "programs"}}

-- The words of a Program in one language, by step number, without anything of a
-- case.
CREATE TABLE program_texts (
	library_id {{text}} NOT NULL,
	hash       {{text}} NOT NULL,
	language   {{text}} NOT NULL,
	title      {{text}} NOT NULL,                -- {R0, shown at the desk}
	summary    {{text}} NOT NULL,                -- {R0, shown at the desk}
	words      {{blob}} NOT NULL,                -- their JSON form
	digest     {{text}} NOT NULL,                -- SHA-256 of words: who has read them need not read them again
	PRIMARY KEY (library_id, hash, language),
	FOREIGN KEY (library_id, hash) REFERENCES programs (library_id, hash)
){{strict}};
{{wall "program_texts"}}

-- Which Program a playbook is now, and the order in which the desk shows them.
CREATE TABLE adoptions (
	library_id {{text}} NOT NULL,
	playbook   {{text}} NOT NULL,
	hash       {{text}} NOT NULL,
	position   {{int}}  NOT NULL,
	adopted    {{int}}  NOT NULL,
	pseudonym  {{text}} NOT NULL,                -- who adopted it; '' if it came with set-up
	retired    {{int}}  NOT NULL,                -- 0 while it is offered
	PRIMARY KEY (library_id, playbook),
	FOREIGN KEY (library_id, hash) REFERENCES programs (library_id, hash)
){{strict}};
{{wall "adoptions"}}

-- A case is a walk and its record. What it is about (which playbook, when, how
-- it ended) is in the sealed head; here is what finding it and keeping it needs.
CREATE TABLE cases (
	library_id {{text}} NOT NULL,
	id         {{text}} NOT NULL,
	branch_id  {{text}} NOT NULL,
	class      {{text}} NOT NULL,                -- {R2-R6, the class of record}
	sealed     {{bool}} NOT NULL,                -- its existence is
	running    {{bool}} NOT NULL,
	day        {{int}}  NOT NULL,                -- the day it began, in days since 1970
	closed_day {{int}}  NOT NULL,                -- 0 while it is open
	head       {{blob}} NOT NULL,                -- {its class, sealed under the case's key}
	version    {{int}}  NOT NULL,                -- which writing of the head
	events     {{int}}  NOT NULL,
	PRIMARY KEY (library_id, id),
	FOREIGN KEY (library_id, branch_id) REFERENCES branches (library_id, id)
){{strict}};
CREATE INDEX cases_by_day ON cases (library_id, branch_id, running, day);
{{wall "cases"}}

-- Cases that were destroyed, so that what still waits on a device does not bring
-- one back. A digest of an id that was drawn tells nothing of what it was.
CREATE TABLE cases_gone (
	library_id {{text}} NOT NULL,
	digest     {{text}} NOT NULL,
	PRIMARY KEY (library_id, digest)
){{strict}};
{{wall "cases_gone"}}

CREATE TABLE case_events (
	library_id {{text}} NOT NULL,
	case_id    {{text}} NOT NULL,
	seq        {{int}}  NOT NULL,
	event_id   {{text}} NOT NULL,
	sealed     {{blob}} NOT NULL,                -- {its class, what happened}
	PRIMARY KEY (library_id, case_id, seq),
	UNIQUE (library_id, case_id, event_id),
	FOREIGN KEY (library_id, case_id) REFERENCES cases (library_id, id) ON DELETE CASCADE
){{strict}};
{{wall "case_events"}}

CREATE TABLE case_people (
	library_id {{text}} NOT NULL,
	case_id    {{text}} NOT NULL,
	pseudonym  {{text}} NOT NULL,
	relation   {{text}} NOT NULL,                -- walker, author, assigned, owner, told
	PRIMARY KEY (library_id, case_id, relation, pseudonym),
	FOREIGN KEY (library_id, case_id) REFERENCES cases (library_id, id) ON DELETE CASCADE
){{strict}};
CREATE INDEX case_people_of ON case_people (library_id, pseudonym, relation);
{{wall "case_people"}}

CREATE TABLE case_devices (
	library_id {{text}} NOT NULL,
	case_id    {{text}} NOT NULL,
	device_id  {{text}} NOT NULL,
	past       {{bool}} NOT NULL,                -- it was handed over from there
	PRIMARY KEY (library_id, case_id, device_id),
	FOREIGN KEY (library_id, case_id) REFERENCES cases (library_id, id) ON DELETE CASCADE
){{strict}};
CREATE INDEX case_devices_of ON case_devices (library_id, device_id);
{{wall "case_devices"}}

-- Codes by which a walk is handed over.
CREATE TABLE case_tickets (
	library_id {{text}} NOT NULL,
	digest     {{text}} NOT NULL,
	case_id    {{text}} NOT NULL,
	made       {{int}}  NOT NULL,
	until_at   {{int}}  NOT NULL,
	used       {{int}}  NOT NULL,
	PRIMARY KEY (library_id, digest),
	FOREIGN KEY (library_id, case_id) REFERENCES cases (library_id, id) ON DELETE CASCADE
){{strict}};
CREATE INDEX case_tickets_of ON case_tickets (library_id, case_id);
{{wall "case_tickets"}}

-- Counsel's public keys, the newest of which counts.
CREATE TABLE counsel_keys (
	library_id  {{text}} NOT NULL,
	fingerprint {{text}} NOT NULL,
	pseudonym   {{text}} NOT NULL,               -- counsel
	public_key  {{blob}} NOT NULL,
	made        {{int}}  NOT NULL,
	replaced    {{int}}  NOT NULL,               -- 0 while it counts
	PRIMARY KEY (library_id, fingerprint)
){{strict}};
{{wall "counsel_keys"}}

-- Notes for counsel, sealed in the browser: the server cannot open them.
CREATE TABLE counsel_notes (
	library_id  {{text}} NOT NULL,
	id          {{text}} NOT NULL,
	case_id     {{text}} NOT NULL,
	pseudonym   {{text}} NOT NULL,               -- the author
	fingerprint {{text}} NOT NULL,               -- of the key it is sealed to
	letter      {{blob}} NOT NULL,               -- {R5, sealed to counsel}
	day         {{int}}  NOT NULL,
	PRIMARY KEY (library_id, id),
	FOREIGN KEY (library_id, case_id) REFERENCES cases (library_id, id) ON DELETE CASCADE
){{strict}};
CREATE INDEX counsel_notes_of_case ON counsel_notes (library_id, case_id);
{{wall "counsel_notes"}}
