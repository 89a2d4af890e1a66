{
    "name": "Label Print Monitor: Example of a Module beside It",
    "summary": "Uses what is there for other modules, as a module for maintenance, for quality or for another print backend would",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "author": "label_print_monitor",
    "depends": ["label_print_monitor"],
    "data": ["security/ir.model.access.csv"],
}
