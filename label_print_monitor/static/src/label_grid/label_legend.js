import { Component } from "@odoo/owl";
import { getLabelLook } from "./label_looks";

/**
 * What the signs in the grid mean, and how many labels have each. The number stands behind the state's name as behind a
 * heading: before it, the name would have to agree with it in number, in most languages.
 */
export class LabelLegend extends Component {
    static template = "label_print_monitor.LabelLegend";
    static props = {
        /** `{ state, count, label }` */
        counts: Array,
        copied: { type: Number, optional: true },
    };

    getLook(state) {
        return getLabelLook(state);
    }
}
