import { Component } from "@odoo/owl";
import { getLabelLook } from "./label_looks";

/** What the signs in the grid mean, and how many labels have each. */
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
