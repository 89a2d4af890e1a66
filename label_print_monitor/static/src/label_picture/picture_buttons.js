import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { LabelPictureDialog } from "./label_picture_dialog";

/** @param {import("@web/core/orm_service").ORM} orm @param {number} jobId */
export function readOfJob(orm, jobId) {
    return (index) => orm.silent.call("label.print.job", "get_label_picture", [[jobId], index]);
}

/** In a dialog about a job: pictures of the labels that it asks about or offers. */
export class LabelPicturesButton extends Component {
    static template = "label_print_monitor.LabelPicturesButton";
    static props = { ...standardWidgetProps, jobField: String, gridField: String };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
    }

    get jobId() {
        return this.props.record.data[this.props.jobField]?.id || false;
    }

    /** @returns {number[]} labels that are in question first by number; all, where none is */
    get indexes() {
        const { asked, selectable, quantity } = this.props.record.data[this.props.gridField] || {};
        const concerned = [...new Set([...(asked || []), ...(selectable || [])])];
        return concerned.length
            ? concerned.sort((one, other) => one - other)
            : Array.from({ length: quantity || 0 }, (_, place) => place + 1);
    }

    open() {
        const { indexes, jobId } = this;
        this.dialog.add(LabelPictureDialog, {
            read: readOfJob(this.orm, jobId),
            indexes,
            index: indexes[0],
        });
    }
}

/** On the form of a specimen: its picture. */
export class SpecimenPictureButton extends Component {
    static template = "label_print_monitor.SpecimenPictureButton";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
    }

    open() {
        const { resModel, resId, data } = this.props.record;
        this.dialog.add(LabelPictureDialog, {
            read: () => this.orm.silent.call(resModel, "get_label_picture", [[resId]]),
            indexes: [1],
            index: 1,
            title: data.display_name,
        });
    }
}

registry.category("view_widgets").add("label_print_pictures", {
    component: LabelPicturesButton,
    extractProps: ({ options }) => ({
        jobField: options.job_field || "job_id",
        gridField: options.grid_field || "label_grid",
    }),
    fieldDependencies: ({ options }) => [
        { name: options.grid_field || "label_grid", type: "json", readonly: true },
    ],
});
registry.category("view_widgets").add("label_print_specimen_picture", {
    component: SpecimenPictureButton,
    fieldDependencies: [{ name: "display_name", type: "char" }],
});
