-- Alerts: that the desk needs somebody. Whom, who was told, and what came of it is in
-- the events, sealed under the case's key; a test call and a drill belong to no case,
-- and theirs are sealed under the library's own.
CREATE TABLE alerts (
	library_id {{text}} NOT NULL,
	id         {{text}} NOT NULL,
	case_id    {{text}},                         -- NULL for a test call and a drill
	nth        {{int}}  NOT NULL,                -- which of its case's alerts it is, from 1; else 0
	branch_id  {{text}} NOT NULL,
	purpose    {{text}} NOT NULL,                -- need, test, drill
	day        {{int}}  NOT NULL,                -- the day on which it was ordered
	running    {{bool}} NOT NULL,
	events     {{int}}  NOT NULL,
	PRIMARY KEY (library_id, id),
	UNIQUE (library_id, case_id, nth),
	FOREIGN KEY (library_id, case_id) REFERENCES cases (library_id, id) ON DELETE CASCADE
){{strict}};
CREATE INDEX alerts_of_branch ON alerts (library_id, purpose, branch_id, id);
{{wall "alerts"}}

CREATE TABLE alert_events (
	library_id {{text}} NOT NULL,
	alert_id   {{text}} NOT NULL,
	seq        {{int}}  NOT NULL,
	sealed     {{blob}} NOT NULL,                -- {its case's class, who was told when, and what came of it; no words}
	PRIMARY KEY (library_id, alert_id, seq),
	FOREIGN KEY (library_id, alert_id) REFERENCES alerts (library_id, id) ON DELETE CASCADE
){{strict}};
{{wall "alert_events"}}

-- Of which alert an attempt is: a gateway's receipt names the attempt only.
CREATE TABLE alert_attempts (
	library_id {{text}} NOT NULL,
	attempt_id {{text}} NOT NULL,
	alert_id   {{text}} NOT NULL,
	PRIMARY KEY (library_id, attempt_id),
	FOREIGN KEY (library_id, alert_id) REFERENCES alerts (library_id, id) ON DELETE CASCADE
){{strict}};
CREATE INDEX alert_attempts_of ON alert_attempts (library_id, alert_id);
{{wall "alert_attempts"}}
