BEGIN TRANSACTION;
CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    job_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at REAL NOT NULL
) WITHOUT ROWID;
INSERT INTO "idempotency" VALUES('key-cancelled','6841ed85-52fc-426a-b2d1-221a48e0666f','ba06632c8c8a3de8a88772049c800c33bc778860b3498eb231518b4128949e26',1.79562608860879302022e+09);
INSERT INTO "idempotency" VALUES('key-cancelled_early','939691d1-e32f-4429-ab7e-cb4400969e06','4d88f8e2b2e46b8171815893f1e22dd775eb434a58915f0d65b5e03f0a40fdb6',1795626088.61292);
INSERT INTO "idempotency" VALUES('key-confirmed','e63685d2-318f-4f0a-97df-33934bd932f5','828943fe3774c203e7f2349c458c893cbe8bb546f6c0d5e7a817c46fd2bcc2bb',1.79562608647390866281e+09);
INSERT INTO "idempotency" VALUES('key-failed','2c23fb68-999f-47ff-99f8-4622ea4261c7','1b1d38b4c5adc8a3894dd055f3fbde5e37462ee7ea0f7c12a5f1d54901775d22',1.79562608731644153588e+09);
INSERT INTO "idempotency" VALUES('key-printing','4cdd191e-de90-4696-8e21-fd927eff26e4','2e6d6eeab47f03fb5b30cd44170b8967ee31286ae23addb64c15a4ad23cdc289',1.79562608928142452236e+09);
INSERT INTO "idempotency" VALUES('key-queued','6ad32ddd-dce8-45c4-899f-e69035d8c3ba','9788e3d4aabd45954445d784de111fbbc23c92c03ce26643798dadbbd09923f6',1.79562608928942704202e+09);
INSERT INTO "idempotency" VALUES('key-queued_low','3fbdb343-ee9f-4f35-bd11-52f50b16178e','b504eb112a950f07354c590bdbe353eb8e174db6d0749a39b2ded2c84f781913',1.79562608930113077167e+09);
INSERT INTO "idempotency" VALUES('key-uncertain','4efd4a2c-2e02-445f-b02c-7f9abd1da9f7','d5c598fbb6b6717b8cf2cd6d8a8b5b7d5a73e6da886cf4a1f309e00ef2761618',1.79562608691622805591e+09);
INSERT INTO "idempotency" VALUES('key-unconfirmed','86e4107c-756b-47b6-86b1-b63bb133ebfb','cb2b468a40c193d3cb3dd7443d63d811a6e5ae7c6faa52a2c246d06068d10ad6',1.79562608686269140241e+09);
CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    printer TEXT NOT NULL,
    priority INTEGER NOT NULL,
    status TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    current_label INTEGER NOT NULL DEFAULT 0,
    printed INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    confirmed INTEGER NOT NULL DEFAULT 0,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    error_code TEXT,
    error_message TEXT,
    mo_reference TEXT,
    metadata TEXT NOT NULL,
    created_at REAL NOT NULL,
    started_at REAL,
    completed_at REAL,
    updated_at REAL NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0,
    picked_up INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "jobs" VALUES(1,'e63685d2-318f-4f0a-97df-33934bd932f5','Zebra-1',1,'completed',3,3,3,0,3,0,NULL,NULL,'WH/MO/00001','{"mo_reference": "WH/MO/00001"}',1.79562608647390866281e+09,1.79562608647855138782e+09,1.79562608683554697031e+09,1.79562608683561444281e+09,5,1);
INSERT INTO "jobs" VALUES(2,'86e4107c-756b-47b6-86b1-b63bb133ebfb','Plain',1,'completed',2,2,2,0,0,0,NULL,NULL,NULL,'{}',1.79562608686269140241e+09,1.79562608686841416356e+09,1.79562608688338661193e+09,1.79562608688341736797e+09,4,1);
INSERT INTO "jobs" VALUES(3,'4efd4a2c-2e02-445f-b02c-7f9abd1da9f7','Zebra-1',1,'completed',4,4,3,1,3,0,'uncertain','1 of 4 labels failed. This label may or may not have been printed: look for it before printing it again.',NULL,'{}',1.79562608691622805591e+09,1.79562608692435884474e+09,1.79562608727765417098e+09,1.7956260872776782512e+09,6,1);
INSERT INTO "jobs" VALUES(4,'2c23fb68-999f-47ff-99f8-4622ea4261c7','Zebra-1',1,'failed',3,1,1,2,1,0,'paper_out','The printer is out of labels: load a new roll.',NULL,'{}',1.79562608731644153588e+09,1.79562608732219266887e+09,1.79562608798822236056e+09,1.7956260879882364273e+09,3,1);
INSERT INTO "jobs" VALUES(5,'6841ed85-52fc-426a-b2d1-221a48e0666f','Zebra-1',1,'cancelled',6,3,3,0,3,1,'cancelled','Cancelled after 3 of 6 labels.',NULL,'{}',1.79562608860879302022e+09,1.79562608861173820498e+09,1.7956260892681322098e+09,1.79562608926815938954e+09,5,1);
INSERT INTO "jobs" VALUES(6,'939691d1-e32f-4429-ab7e-cb4400969e06','Zebra-1',1,'cancelled',2,0,0,0,0,1,'cancelled','Cancelled after 0 of 2 labels.',NULL,'{}',1795626088.61292,NULL,1.79562608907763719559e+09,1.79562608907763719559e+09,1,1);
INSERT INTO "jobs" VALUES(7,'4cdd191e-de90-4696-8e21-fd927eff26e4','Zebra-1',0,'printing',4,2,2,0,2,0,NULL,NULL,NULL,'{"priority": "high"}',1.79562608928142452236e+09,1.79562608928632593159e+09,NULL,1.79562608973549485205e+09,3,1);
INSERT INTO "jobs" VALUES(8,'6ad32ddd-dce8-45c4-899f-e69035d8c3ba','Zebra-1',1,'queued',2,0,0,0,0,0,NULL,NULL,NULL,'{}',1.79562608928942704202e+09,NULL,NULL,1.79562608928942704202e+09,0,0);
INSERT INTO "jobs" VALUES(9,'3fbdb343-ee9f-4f35-bd11-52f50b16178e','Zebra-1',2,'queued',1,0,0,0,0,0,NULL,NULL,NULL,'{"priority": "low"}',1.79562608930113077167e+09,NULL,NULL,1.79562608930113077167e+09,0,0);
CREATE TABLE labels (
    job_seq INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    zpl TEXT NOT NULL,
    details TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    tries INTEGER NOT NULL DEFAULT 0,
    code TEXT,
    message TEXT,
    PRIMARY KEY (job_seq, idx)
) WITHOUT ROWID;
INSERT INTO "labels" VALUES(1,1,'^XA^FDconfirmed 1^FS^XZ','{"label_index": 1, "box_number": 1, "lot_number": "LOT-1"}','printed',1,NULL,NULL);
INSERT INTO "labels" VALUES(1,2,'^XA^FDconfirmed 2^FS^XZ','{"label_index": 2, "box_number": 2, "lot_number": "LOT-1"}','printed',1,NULL,NULL);
INSERT INTO "labels" VALUES(1,3,'^XA^FDconfirmed 3^FS^XZ','{"label_index": 3, "box_number": 3, "lot_number": "LOT-1"}','printed',1,NULL,NULL);
INSERT INTO "labels" VALUES(2,1,'^XA^FDunconfirmed 1^FS^XZ','{"label_index": 1, "box_number": 1, "lot_number": "LOT-1"}','printed',1,NULL,NULL);
INSERT INTO "labels" VALUES(2,2,'^XA^FDunconfirmed 2^FS^XZ','{"label_index": 2, "box_number": 2, "lot_number": "LOT-1"}','printed',1,NULL,NULL);
INSERT INTO "labels" VALUES(3,1,'^XA^FDuncertain 1^FS^XZ','{"label_index": 1, "box_number": 1, "lot_number": "LOT-1"}','printed',1,NULL,NULL);
INSERT INTO "labels" VALUES(3,2,'^XA^FDuncertain 2^FS^XZ','{"label_index": 2, "box_number": 2, "lot_number": "LOT-1"}','failed',1,'uncertain','This label may or may not have been printed: look for it before printing it again.');
INSERT INTO "labels" VALUES(3,3,'^XA^FDuncertain 3^FS^XZ','{"label_index": 3, "box_number": 3, "lot_number": "LOT-1"}','printed',1,NULL,NULL);
INSERT INTO "labels" VALUES(3,4,'^XA^FDuncertain 4^FS^XZ','{"label_index": 4, "box_number": 4, "lot_number": "LOT-1"}','printed',1,NULL,NULL);
INSERT INTO "labels" VALUES(4,1,'^XA^FDfailed 1^FS^XZ','{"label_index": 1, "box_number": 1, "lot_number": "LOT-1"}','printed',1,NULL,NULL);
INSERT INTO "labels" VALUES(4,2,'^XA^FDfailed 2^FS^XZ','{"label_index": 2, "box_number": 2, "lot_number": "LOT-1"}','failed',3,'paper_out','The printer is out of labels: load a new roll.');
INSERT INTO "labels" VALUES(4,3,'^XA^FDfailed 3^FS^XZ','{"label_index": 3, "box_number": 3, "lot_number": "LOT-1"}','failed',3,'paper_out','The printer is out of labels: load a new roll.');
INSERT INTO "labels" VALUES(5,1,'^XA^FDcancelled 1^FS^XZ','{"label_index": 1, "box_number": 1, "lot_number": "LOT-1"}','printed',1,NULL,NULL);
INSERT INTO "labels" VALUES(5,2,'^XA^FDcancelled 2^FS^XZ','{"label_index": 2, "box_number": 2, "lot_number": "LOT-1"}','printed',1,NULL,NULL);
INSERT INTO "labels" VALUES(5,3,'^XA^FDcancelled 3^FS^XZ','{"label_index": 3, "box_number": 3, "lot_number": "LOT-1"}','printed',1,NULL,NULL);
INSERT INTO "labels" VALUES(5,4,'^XA^FDcancelled 4^FS^XZ','{"label_index": 4, "box_number": 4, "lot_number": "LOT-1"}','cancelled',0,'cancelled','Cancelled before this label was printed.');
INSERT INTO "labels" VALUES(5,5,'^XA^FDcancelled 5^FS^XZ','{"label_index": 5, "box_number": 5, "lot_number": "LOT-1"}','cancelled',0,'cancelled','Cancelled before this label was printed.');
INSERT INTO "labels" VALUES(5,6,'^XA^FDcancelled 6^FS^XZ','{"label_index": 6, "box_number": 6, "lot_number": "LOT-1"}','cancelled',0,'cancelled','Cancelled before this label was printed.');
INSERT INTO "labels" VALUES(6,1,'^XA^FDcancelled_early 1^FS^XZ','{"label_index": 1, "box_number": 1, "lot_number": "LOT-1"}','waiting',0,NULL,NULL);
INSERT INTO "labels" VALUES(6,2,'^XA^FDcancelled_early 2^FS^XZ','{"label_index": 2, "box_number": 2, "lot_number": "LOT-1"}','waiting',0,NULL,NULL);
INSERT INTO "labels" VALUES(7,1,'^XA^FDprinting 1^FS^XZ','{"label_index": 1, "box_number": 1, "lot_number": "LOT-1"}','printed',1,NULL,NULL);
INSERT INTO "labels" VALUES(7,2,'^XA^FDprinting 2^FS^XZ','{"label_index": 2, "box_number": 2, "lot_number": "LOT-1"}','printed',1,NULL,NULL);
INSERT INTO "labels" VALUES(7,3,'^XA^FDprinting 3^FS^XZ','{"label_index": 3, "box_number": 3, "lot_number": "LOT-1"}','sent',1,NULL,NULL);
INSERT INTO "labels" VALUES(7,4,'^XA^FDprinting 4^FS^XZ','{"label_index": 4, "box_number": 4, "lot_number": "LOT-1"}','waiting',0,NULL,NULL);
INSERT INTO "labels" VALUES(8,1,'^XA^FDqueued 1^FS^XZ','{"label_index": 1, "box_number": 1, "lot_number": "LOT-1"}','waiting',0,NULL,NULL);
INSERT INTO "labels" VALUES(8,2,'^XA^FDqueued 2^FS^XZ','{"label_index": 2, "box_number": 2, "lot_number": "LOT-1"}','waiting',0,NULL,NULL);
INSERT INTO "labels" VALUES(9,1,'^XA^FDqueued_low 1^FS^XZ','{"label_index": 1, "box_number": 1, "lot_number": "LOT-1"}','waiting',0,NULL,NULL);
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL,
    replaceable INTEGER NOT NULL,
    created_at REAL NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX jobs_open ON jobs (printer, priority, seq) WHERE status IN ('queued', 'printing');
CREATE INDEX jobs_ended ON jobs (completed_at) WHERE completed_at IS NOT NULL;
CREATE INDEX labels_failed ON labels (job_seq, idx) WHERE state = 'failed';
CREATE INDEX outbox_subject ON outbox (subject) WHERE replaceable;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('jobs',9);
COMMIT;
