"""A specimen of each product whose labels the first release had printed; which template it was nobody had kept."""

SPECIMENS = """
INSERT INTO label_print_specimen (key, company_id, product_id, product_name, job_id, label_index, zpl, label_hash,
                                  create_uid, create_date)
SELECT format('%s::%s', job.company_id, coalesce(job.product_id, 0)), job.company_id, job.product_id,
       coalesce(template.name ->> 'en_US', (SELECT value FROM jsonb_each_text(template.name) LIMIT 1)), job.id, 1,
       job.labels_data #>> '{0,zpl_code}',
       encode(sha256(convert_to(job.labels_data #>> '{0,zpl_code}', 'UTF8')), 'hex'), 1, job.create_date
  FROM (
    SELECT min(id) AS id FROM label_print_job
     WHERE coalesce(left(label_hashes, 64), repeat('-', 64)) <> repeat('-', 64)
     GROUP BY company_id, product_id
  ) first
  JOIN label_print_job job ON job.id = first.id
  LEFT JOIN product_product product ON product.id = job.product_id
  LEFT JOIN product_template template ON template.id = product.product_tmpl_id
ON CONFLICT DO NOTHING
"""


def migrate(cr, version):
    cr.execute(SPECIMENS)
