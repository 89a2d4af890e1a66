{
    "name": "Label Print Monitor",
    "summary": "Follow label print jobs and Zebra printers live, fix what failed, prove what was printed",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Manufacturing",
    "author": "Label Print Monitor contributors",
    "license": "LGPL-3",
    "depends": ["mrp", "bus"],
    "data": [
        "security/label_print_security.xml",
        "security/ir.model.access.csv",
        "data/label_print_server_data.xml",
        "data/ir_cron_data.xml",
    ],
    "demo": ["demo/label_print_demo.xml"],
    "post_init_hook": "post_init_hook",
    "application": True,
    "installable": True,
}
