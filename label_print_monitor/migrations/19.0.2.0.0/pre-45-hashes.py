"""The hash of each label that the first release had kept: in SQL, in batches, while the table has no indexes.

As `services/label_files/label_hashes.py` writes them: 64 characters for each entry, dashes where one has no ZPL.
"""

BATCH = 20_000  # jobs of one statement
HASHES = """
UPDATE label_print_job
   SET label_hashes = (
        SELECT string_agg(
                   CASE WHEN jsonb_typeof(label.entry) = 'object' AND jsonb_typeof(label.entry -> 'zpl_code') = 'string'
                             AND label.entry ->> 'zpl_code' <> ''
                        THEN encode(sha256(convert_to(label.entry ->> 'zpl_code', 'UTF8')), 'hex')
                        ELSE repeat('-', 64) END,
                   '' ORDER BY label.place)
          FROM jsonb_array_elements(labels_data) WITH ORDINALITY label (entry, place))
 WHERE id > %s AND id <= %s AND jsonb_typeof(labels_data) = 'array'
"""


def migrate(cr, version):
    cr.execute("ALTER TABLE label_print_job ADD COLUMN label_hashes text")
    cr.execute("SELECT min(id), max(id) FROM label_print_job")
    first, last = cr.fetchone()
    if first is None:
        return
    for start in range(first - 1, last, BATCH):
        cr.execute(HASHES, [start, start + BATCH])
