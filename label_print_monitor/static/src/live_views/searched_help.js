import { _t } from "@web/core/l10n/translation";
import { useBus, useService } from "@web/core/utils/hooks";
import { ActionHelper } from "@web/views/action_helper";

/**
 * What stands where nothing was found. The action's own help says what an empty page means as it opens; whoever has
 * searched is told what was searched for, and within what, and can search all of it by one press.
 */
export class SearchedHelp extends ActionHelper {
    static template = "label_print_monitor.SearchedHelp";

    setup() {
        super.setup();
        this.action = useService("action");
        // From one empty result to the next no property changes.
        if (this.searchModel) {
            useBus(this.searchModel, "update", () => this.render());
        }
    }

    get searchModel() {
        return this.env.searchModel;
    }

    get facets() {
        return this.searchModel?.facets || [];
    }

    /** @returns {string} the words that were searched for, "" for none */
    get searched() {
        const fields = this.facets.filter(({ type }) => type === "field");
        return fields.map(({ values }) => values.join(", ")).join(", ");
    }

    get filters() {
        return this.facets.filter(({ type }) => ["filter", "favorite"].includes(type));
    }

    get title() {
        return _t("Nothing found for “%(words)s”", { words: this.searched });
    }

    /** @returns {string} what the search was limited to, "" where it was not */
    get within() {
        const names = this.filters.map(({ values }) => values.join(", "));
        if (!names.length) {
            return this.isPart ? _t("Only a part of the history was searched.") : "";
        }
        return _t("Only these were searched: %(filters)s.", { filters: names.join("; ") });
    }

    get isOfJobs() {
        return this.searchModel.resModel === "label.print.job";
    }

    /** Whether the page itself shows a part of the jobs only, as the list of a day or of a lot does. */
    get isPart() {
        return this.isOfJobs && Boolean(this.searchModel.globalDomain?.length);
    }

    get buttonLabel() {
        return this.isOfJobs ? _t("Search the Whole History") : _t("Search Without Filters");
    }

    get advice() {
        return this.isOfJobs
            ? _t(
                  "The whole history was searched. Check the spelling, or search for something else that you know of the job: lot or serial number, product, order, printer, person, number."
              )
            : _t("Check the spelling, or search for something else.");
    }

    searchEverything() {
        const { searchModel } = this;
        if (this.isPart) {
            return this.action.doAction("label_print_monitor.action_label_print_job_all", {
                additionalContext: { search_default_anything: this.searched },
            });
        }
        searchModel.blockNotification = true;
        for (const { groupId } of this.filters) {
            searchModel.deactivateGroup(groupId);
        }
        searchModel.blockNotification = false;
        searchModel._notify();
    }
}
