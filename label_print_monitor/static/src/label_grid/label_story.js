import { Component, useEffect, useExternalListener, useRef, useState } from "@odoo/owl";
import { CopyButton } from "@web/core/copy_button/copy_button";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { getLabelLook } from "./label_looks";

/** What happened to one label, newest state first in words, then step by step, and what can be done about it. */
export class LabelStory extends Component {
    static template = "label_print_monitor.LabelStory";
    static components = { CopyButton };
    static props = {
        /** reactive, see `useLabelStory` */
        story: Object,
        retry: Function,
        perform: Function,
        close: Function,
        /** opens the picture of the label */
        showPicture: Function,
        /** a panel at the bottom of a phone's screen, not in a popover */
        isPanel: { type: Boolean, optional: true },
    };

    setup() {
        this.story = useState(this.props.story);
        this.root = useRef("root");
        // A popover takes the focus and knows Escape; a panel has to.
        useEffect(
            (root, isPanel) => {
                if (isPanel) {
                    root.focus();
                }
            },
            () => [this.root.el, this.props.isPanel]
        );
        useExternalListener(window, "keydown", (ev) => {
            if (this.props.isPanel && ev.key === "Escape") {
                this.props.close();
            }
        });
    }

    get look() {
        return getLabelLook(this.story.data.state);
    }

    get copied() {
        return _t("Copied");
    }

    get entries() {
        return (this.story.data.entries || []).map((entry, key) => ({
            ...entry,
            key,
            at: entry.at ? formatDateTime(deserializeDateTime(entry.at)) : "",
        }));
    }
}
