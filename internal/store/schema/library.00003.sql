-- Who is to be told when the desk needs somebody: the duty plan, the ladders, and by
-- which channels each person can be reached, each as one text in the form of package
-- notify or of package app. People stand in it by pseudonym; no address is in it.
CREATE TABLE plans (
	library_id {{text}} NOT NULL,
	part       {{text}} NOT NULL,                -- duty, ladders, reach
	content    {{blob}} NOT NULL,                -- {R0, who is on duty; people by pseudonym}
	PRIMARY KEY (library_id, part)
){{strict}};
{{wall "plans"}}
