import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { markup } from "@odoo/owl";
import { contains, editSearch, mountView, validateSearch } from "@web/../tests/web_test_helpers";
import { defineLabelPrintModels, LabelPrintJob } from "./label_print_test_helpers";

defineLabelPrintModels();

const searchViewArch = `
    <search>
        <field name="name" string="Anything"/>
        <filter name="failed" string="Failed" domain="[('status', '=', 'failed')]"/>
    </search>`;
const context = { search_default_failed: 1 };
const noContentHelp = markup`<p class="o_own_help">Nothing is printing and nothing needs you</p>`;

for (const type of ["list", "kanban"]) {
    const mountIt = () =>
        mountView({
            type,
            resModel: "label.print.job",
            arch: LabelPrintJob._views[type],
            searchViewArch,
            context,
            noContentHelp,
        });

    test(`${type}: an empty page has the action's own words as long as nobody has searched`, async () => {
        await mountIt();
        expect(".o_own_help").toHaveCount(1);
        expect(".o_nocontent_help .btn").toHaveCount(0);
    });

    test(`${type}: who has found nothing is told what was searched, and can search all`, async () => {
        await mountIt();
        await editSearch("Job 2");
        await validateSearch();
        expect(".o_own_help").toHaveCount(0);
        expect(".o_nocontent_help").toHaveText(
            /Nothing found for “Job 2”\s*Only these were searched: Failed\./
        );
        await contains(".o_nocontent_help .btn").click();
        expect(queryAllTexts(".o_facet_value")).toEqual(["Job 2"]);
        const found = type === "list" ? ".o_data_row" : ".o_kanban_record:not(.o_kanban_ghost)";
        expect(found).toHaveCount(1);
    });

    test(`${type}: and that it was all of it`, async () => {
        await mountIt();
        await contains(".o_facet_remove").click();
        await editSearch("nothing like it");
        await validateSearch();
        expect(".o_nocontent_help").toHaveText(/The whole history was searched\./);
        expect(".o_nocontent_help .btn").toHaveCount(0);
    });
}
