import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { withinTime } from "../live_views/use_live";
import { LONGEST_ACT } from "../operator_page/use_acts";
import { useNoAnswer } from "../overview/use_no_answer";

const TITLES = {
    connect: _t("Connect the print server"),
    printer: _t("First printer"),
    test: _t("Test label"),
};

/** Leads an administrator of a new database to the first label; nothing is shown once one has been printed. */
export class FirstSteps extends Component {
    static template = "label_print_monitor.FirstSteps";
    static props = { steps: Array, onDone: Function };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.sayNoAnswer = useNoAnswer();
        this.state = useState({ isBusy: false });
    }

    get steps() {
        return this.props.steps.map((step, index) => ({
            ...step,
            number: index + 1,
            title: TITLES[step.name],
        }));
    }

    async start(step) {
        if (this.state.isBusy) {
            return;
        }
        this.state.isBusy = true;
        try {
            const doing = this.orm.call("label.print.server", step.method, []);
            const action = await withinTime(doing, LONGEST_ACT);
            await this.action.doAction(action, { onClose: this.props.onDone });
        } catch (error) {
            this.sayNoAnswer(error);
        } finally {
            this.state.isBusy = false;
        }
    }
}
