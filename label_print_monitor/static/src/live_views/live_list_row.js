import { Component } from "@odoo/owl";

/**
 * A row of the live list as a component of its own, so that it is rendered again when its record changes, or what all
 * rows share, and not when another row changes. Odoo's list renders all its rows together.
 *
 * It renders Odoo's own template of a row with the list's own methods: the names in the template are the list's, but
 * for the record, which tells this row of its changes. OWL has no public way to render a template in the scope of another
 * component, so this file reaches into a component's node; `static/tests/live_list_rows.test.js` fails when that breaks.
 */
export class LiveListRow extends Component {
    static template = "web.ListRenderer.RecordRow";
    static props = ["*"];

    setup() {
        const row = this;
        const { renderer } = this.props;
        const node = this.__owl__;
        const scope = Object.create(renderer, {
            this: { value: renderer },
            record: { get: () => row.props.record },
            group: { get: () => row.props.group },
            groupId: { get: () => row.props.groupId },
            _canSelectRecord: { get: () => row.props.canSelectRecord },
        });
        node.renderFn = node.app
            .getTemplate(renderer.constructor.rowTemplate)
            .bind(renderer, scope, node);
    }
}
