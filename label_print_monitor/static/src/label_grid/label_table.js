import { Component } from "@odoo/owl";
import { getLabelLook } from "./label_looks";

/** The same as the grid, as a table: for screen readers, for copying, and for whoever likes to read. */
export class LabelTable extends Component {
    static template = "label_print_monitor.LabelTable";
    static props = {
        /** see `groupLabels` */
        groups: Array,
        /** `{ boxes, lots }`, null before they are known */
        names: { type: [Object, { value: null }] },
        /** (state) => text in the reader's language */
        getStateLabel: Function,
        /** (index, { target }) */
        onPick: Function,
        openIndex: { type: [Number, { value: null }], optional: true },
    };

    get columns() {
        const labels = this.props.groups.flatMap((group) => group.labels);
        return {
            box: Boolean(this.props.names?.boxes?.some(Boolean)),
            lot: Boolean(this.props.names?.lots?.some(Boolean)),
            copies: labels.some((label) => label.copies),
        };
    }

    get columnCount() {
        return 3 + Object.values(this.columns).filter(Boolean).length;
    }

    get groups() {
        const { groups, names, getStateLabel } = this.props;
        // A line above each single label would only say its box or lot twice.
        const hasTitles = groups.some((group) => group.labels.length > 1);
        return groups.map((group) => ({
            ...group,
            title: hasTitles ? group.title : "",
            rows: group.labels.map((label) => ({
                ...label,
                box: names?.boxes?.[label.index - 1] || "",
                lot: names?.lots?.[label.index - 1] || "",
                look: getLabelLook(label.state),
                stateLabel: getStateLabel(label.state),
            })),
        }));
    }

    onClick(ev) {
        const button = ev.target.closest("button[data-index]");
        if (button) {
            this.props.onPick(Number(button.dataset.index), { shiftKey: false, target: button });
        }
    }
}
