CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, age INTEGER);
INSERT INTO people(name, age) VALUES ('Ada', 36), ('Grace', 85), ('Alan', 41);
CREATE INDEX by_age ON people(age);
BEGIN; DELETE FROM people; ROLLBACK;
SELECT name, age FROM people WHERE age > 40 ORDER BY age DESC;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT count(*), sum(i) FROM n;
UPDATE people SET age = age + 1;
SELECT group_concat(name, ', '), avg(age) FROM people;
PRAGMA integrity_check;
