import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { openJob, openPage } from "./tour_steps";

const tours = registry.category("web_tour.tours");

/** A tour takes a download for leaving the page: note it in the page instead. */
function noteDownloads() {
    const { location } = window;
    const noted = new Proxy(
        {},
        {
            get(target, name) {
                if (name === "assign") {
                    return (url) => (document.body.dataset.downloaded = url);
                }
                const value = location[name];
                return typeof value === "function" ? value.bind(location) : value;
            },
        }
    );
    Object.defineProperty(browser, "location", { get: () => noted, configurable: true });
}

tours.add("label_print_follow_a_job", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        {
            content: "The row says how far it is",
            trigger: ".o_data_row:contains(LPM/PRINTING):contains(8 of 20)",
        },
        {
            content: "The page says how fresh it is",
            trigger: ".o_label_print_updated:contains(Updated)",
        },
        openJob("LPM/PRINTING"),
        {
            content: "The form says it too",
            trigger: ".o_form_view [name=labels_done_display]:contains(8 of 20)",
        },
        {
            content: "Each label is a square",
            trigger: ".o_label_print_label_grid .o_label_print_square[data-index='20']",
        },
        {
            content: "Open the timeline",
            trigger: ".o_notebook .nav-link:contains(Timeline)",
            run: "click",
        },
        {
            content: "The timeline tells how it came here",
            trigger: ".o_label_print_timeline li[aria-current=step]:contains(Printing)",
        },
    ],
});

tours.add("label_print_find_a_lot", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        {
            content: "Type the lot",
            trigger: ".o_searchview_input",
            run: "edit LOT-KNOWN",
        },
        {
            content: "Search among lots",
            trigger: ".o_searchview_autocomplete .dropdown-item:contains(Lot/Serial)",
            run: "click",
        },
        { content: "The lot is searched for", trigger: ".o_facet_values:contains(LOT-KNOWN)" },
        {
            content: "Only its job is left",
            trigger:
                ".o_list_view:not(:has(.o_data_row:contains(LPM/PENDING))) .o_data_row:contains(LPM/KNOWN)",
        },
    ],
});

tours.add("label_print_export", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        { content: "The jobs are there", trigger: ".o_data_row:contains(LPM/PENDING)" },
        {
            content: "A tour takes a download for leaving the page, so it is noted instead",
            trigger: ".o_control_panel button[name=action_export_history]",
            run: noteDownloads,
        },
        {
            content: "Export what is shown",
            trigger: ".o_control_panel button[name=action_export_history]",
            run: "click",
        },
        { content: "A file is downloaded", trigger: "body[data-downloaded^='/web/content/']" },
    ],
});

tours.add("label_print_read_the_wall", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_printer_status"),
        {
            content: "Trouble comes first, whatever the names",
            trigger:
                ".o_kanban_record:contains(Needs Attention) + .o_kanban_record:contains(Offline) + .o_kanban_record:contains(A Line)",
        },
        {
            content: "A printer in trouble says so in words",
            trigger:
                ".o_label_print_printer_wall .o_kanban_record:contains(Line 1):contains(Needs Attention)",
        },
        {
            content: "and why, and what it prints, and how far it is",
            trigger:
                ".o_kanban_record:contains(Line 1):contains(labels):contains(LPM/PRINTING):contains(8 of 20)",
        },
        {
            content: "An offline one is named, not only red",
            trigger: ".o_kanban_record:contains(Line 2):contains(Offline)",
        },
        {
            content: "Make it mine",
            trigger: ".o_kanban_record:contains(Line 1) button[name=action_toggle_mine]",
            run: "click",
        },
        {
            content: "It is mine",
            trigger: ".o_kanban_record:contains(Line 1) button:contains(Mine) .fa-star",
        },
        {
            content: "Show its jobs",
            trigger:
                ".o_kanban_record:contains(Line 1) button[name=action_view_jobs]:contains(Line 1)",
            run: "click",
        },
        { content: "They are shown", trigger: ".o_data_row:contains(LPM/PRINTING)" },
    ],
});
