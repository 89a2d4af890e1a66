import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

const BUTTONS = [
    { verdict: "on", label: _t("On paper"), icon: "fa-check" },
    { verdict: "off", label: _t("Not on paper"), icon: "fa-times" },
];

/** One label and its two buttons: a component, so that of 500 rows only those are drawn again that have changed. */
export class LabelVerdictRow extends Component {
    static template = "label_print_monitor.LabelVerdictRow";
    static props = {
        index: Number,
        box: String,
        lot: String,
        problem: String,
        /** "on", "off", "" for none yet */
        verdict: String,
        /** the verdict whose button the tab key reaches, "" for none of this row */
        tabStop: String,
        hasBox: Boolean,
        hasLot: Boolean,
        hasProblem: Boolean,
    };

    get buttons() {
        const { index, verdict, tabStop } = this.props;
        return BUTTONS.map((button) => ({
            ...button,
            name: _t("Label %(number)s: %(verdict)s", { number: index, verdict: button.label }),
            isPressed: verdict === button.verdict,
            tabIndex: tabStop === button.verdict ? "0" : "-1",
        }));
    }
}
