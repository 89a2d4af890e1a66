import { Component, onWillStart, useState } from "@odoo/owl";
import { CopyButton } from "@web/core/copy_button/copy_button";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { KeepLast } from "@web/core/utils/concurrency";
import { NoAnswerError, withinTime } from "../live_views/use_live";
import { describeError } from "../live_views/error_words";
import { describePicture, makePictures } from "./picture_of_label";

/** A picture of a label as it was sent, and those of the labels beside it: an approximation, and it says so. */
export class LabelPictureDialog extends Component {
    static template = "label_print_monitor.LabelPictureDialog";
    static components = { CopyButton, Dialog };
    static props = {
        close: Function,
        /** reads one label: `(index) => Promise<Object>`, see `get_label_picture` */
        read: Function,
        /** the numbers of the labels that can be looked at, one or more */
        indexes: { type: Array, element: Number },
        index: Number,
        title: { type: String, optional: true },
    };

    setup() {
        this.newest = new KeepLast();
        this.state = useState({ index: this.props.index, read: null, pictures: [], problem: "" });
        onWillStart(() => {
            this.show(this.state.index); // the dialog opens at once, and says what it waits for
        });
    }

    get title() {
        return this.props.title || _t("Picture of label %(number)s", { number: this.state.index });
    }

    get place() {
        return this.props.indexes.indexOf(this.state.index);
    }

    get placeText() {
        return _t("Label %(number)s: %(place)s of %(count)s", {
            number: this.state.index,
            place: this.place + 1,
            count: this.props.indexes.length,
        });
    }

    get isBusy() {
        return !this.state.pictures.length && !this.state.problem;
    }

    get alt() {
        return describePicture(this.state.read);
    }

    get copied() {
        return _t("Copied");
    }

    get steps() {
        const last = this.props.indexes.length - 1;
        return [
            { by: -1, name: _t("Previous label"), icon: "oi-chevron-left", isEnd: this.place <= 0 },
            { by: 1, name: _t("Next label"), icon: "oi-chevron-right", isEnd: this.place >= last },
        ];
    }

    step(by) {
        // Not what the button was last drawn with: keys can come faster than drawings.
        const index = this.props.indexes[this.place + by];
        if (index !== undefined) {
            this.show(index);
        }
    }

    /** Read a label and draw it; of several asked for quickly, only the last is shown. */
    async show(index) {
        Object.assign(this.state, { index, read: null, pictures: [], problem: "" });
        const read = await this.newest.add(this.tryToRead(index));
        if (!read.words) {
            this.state.problem = read.problem;
            return;
        }
        this.state.read = read;
        Object.assign(this.state, await this.newest.add(makePictures(read)));
    }

    async tryToRead(index) {
        try {
            return await withinTime(this.props.read(index));
        } catch (error) {
            const isLost = error instanceof ConnectionLostError || error instanceof NoAnswerError;
            return { problem: isLost ? _t("Odoo cannot be reached.") : describeError(error) };
        }
    }
}
