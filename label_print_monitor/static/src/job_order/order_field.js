import { Component, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A job's manufacturing order by name, and by the name that it had once the order itself is gone. */
export class OrderField extends Component {
    static template = xml`<span t-out="name"/>`;
    static props = { ...standardFieldProps };

    get name() {
        const { data } = this.props.record;
        return data[this.props.name]?.display_name || data.mo_reference || "";
    }
}

export const orderField = {
    component: OrderField,
    supportedTypes: ["many2one"],
    fieldDependencies: [{ name: "mo_reference", type: "char", readonly: true }],
    relatedFields: [{ name: "display_name", type: "char" }],
    listViewWidth: [120],
};

registry.category("fields").add("label_print_order", orderField);
