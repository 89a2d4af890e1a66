import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { getPrinterLook } from "./printer_look";

/** A printer's state as a badge with an icon, its colour never the only sign. */
export class PrinterStatusField extends Component {
    static template = "label_print_monitor.PrinterStatusField";
    static props = { ...standardFieldProps };

    get look() {
        return getPrinterLook(this.props.record.data[this.props.name]);
    }

    get label() {
        const { fields, data } = this.props.record;
        const { selection } = fields[this.props.name];
        return selection.find(([value]) => value === data[this.props.name])?.[1] || "";
    }
}

export const printerStatusField = {
    component: PrinterStatusField,
    supportedTypes: ["selection"],
};

registry.category("fields").add("label_print_printer_status", printerStatusField);
