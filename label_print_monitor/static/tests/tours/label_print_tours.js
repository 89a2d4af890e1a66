import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");

/** Open the app and one of its pages the way a person does. */
function openPage(menu) {
    return [
        ...stepUtils.goToAppSteps("label_print_monitor.menu_label_print_root", "Open Label Printing"),
        {
            content: "The overview comes first",
            trigger: ".o_label_print_overview .o_label_print_tile",
        },
        {
            content: `Open ${menu}`,
            trigger: `.o_menu_sections [data-menu-xmlid='label_print_monitor.${menu}']`,
            run: "click",
        },
    ];
}

function openJob(reference) {
    return {
        content: `Open the job of ${reference}`,
        trigger: `.o_data_row:contains(${reference}) td[name=create_date]`,
        run: "click",
    };
}

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
        { content: "The page says how fresh it is", trigger: ".o_label_print_updated:contains(Updated)" },
        openJob("LPM/PRINTING"),
        {
            content: "The form says it too",
            trigger: ".o_form_view [name=labels_done_display]:contains(8 of 20)",
        },
        {
            content: "The timeline tells how it came here",
            trigger: ".o_label_print_timeline li[aria-current=step]:contains(Printing)",
        },
    ],
});

tours.add("label_print_act_on_a_failure", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("label_print_monitor.menu_label_print_root", "Open Label Printing"),
        {
            content: "The overview names the failure and the next step",
            trigger: ".o_label_print_failure:contains(LPM/KNOWN):contains(paper or labels)",
        },
        {
            content: "Open it",
            trigger: ".o_label_print_failure .btn-link:contains(LPM/KNOWN)",
            run: "click",
        },
        {
            content: "The card says what to do, step by step",
            trigger: ".o_label_print_advice:contains(Load labels) li",
        },
        {
            content: "The failed labels are named",
            trigger: ".o_notebook .nav-link:contains(Failed Labels)",
            run: "click",
        },
        { content: "with their lot", trigger: "[name=failed_label_ids] .o_data_row:contains(LOT-KNOWN)" },
        { content: "Retry", trigger: ".o_form_statusbar button[name=action_retry]", run: "click" },
        {
            content: "It prints again",
            trigger: ".o_form_view .o_statusbar_status .o_arrow_button_current:contains(Pending)",
        },
        { content: "and says so", trigger: ".o_notification:contains(will be printed again)" },
    ],
});

tours.add("label_print_cancel", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        {
            content: "Cancel from the row",
            trigger: ".o_data_row:contains(LPM/PENDING) button[name=action_cancel]",
            run: "click",
        },
        { content: "Confirm", trigger: ".modal .btn-primary:contains(Cancel Job)", run: "click" },
        { content: "The row says so", trigger: ".o_data_row:contains(LPM/PENDING):contains(Cancelled)" },
    ],
});

tours.add("label_print_cancel_on_the_board", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        { content: "To the board", trigger: ".o_switch_view.o_kanban", run: "click" },
        {
            content: "Columns stand in the order of a job's life",
            trigger:
                ".o_kanban_group:contains(Pending) + .o_kanban_group:contains(Printing) + .o_kanban_group:contains(Failed)",
        },
        {
            content: "Cancel from the card; the button says which job it is of",
            trigger: ".o_kanban_record:contains(LPM/PENDING) button[name=action_cancel]:contains(LPM/PENDING)",
            run: "click",
        },
        {
            content: "What keeps the job says so: it is not called Cancel as well",
            trigger: ".modal .btn-secondary:contains(Keep Printing)",
        },
        { content: "Confirm", trigger: ".modal .btn-primary:contains(Cancel Job)", run: "click" },
        {
            content: "The card moves on",
            trigger: ".o_kanban_group:contains(Cancelled) .o_kanban_record:contains(LPM/PENDING)",
        },
    ],
});

tours.add("label_print_retry_part", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        {
            content: "Retry where nobody knows what is missing",
            trigger: ".o_data_row:contains(LPM/UNKNOWN) button[name=action_retry]",
            run: "click",
        },
        { content: "The dialog says to look at the paper", trigger: ".modal:contains(Look at the paper)" },
        {
            content: "It proposes where to continue",
            trigger: ".modal [name=resume_from] input:value(8)",
        },
        {
            content: "The last good label in the hand is the fifth",
            trigger: ".modal [name=resume_from] input",
            run: "edit 6 && press Tab",
        },
        { content: "Fifteen are left", trigger: ".modal [name=labels_count]:contains(15)" },
        { content: "Print", trigger: ".modal button[name=action_confirm]", run: "click" },
        { content: "It prints again", trigger: ".o_data_row:contains(LPM/UNKNOWN):contains(Pending)" },
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
            trigger: ".o_label_print_printer_wall .o_kanban_record:contains(Line 1):contains(Needs Attention)",
        },
        {
            content: "and why, and what it prints, and how far it is",
            trigger: ".o_kanban_record:contains(Line 1):contains(labels):contains(LPM/PRINTING):contains(8 of 20)",
        },
        { content: "An offline one is named, not only red", trigger: ".o_kanban_record:contains(Line 2):contains(Offline)" },
        {
            content: "Make it mine",
            trigger: ".o_kanban_record:contains(Line 1) button[name=action_toggle_mine]",
            run: "click",
        },
        { content: "It is mine", trigger: ".o_kanban_record:contains(Line 1) button:contains(Mine) .fa-star" },
        {
            content: "Show its jobs",
            trigger: ".o_kanban_record:contains(Line 1) button[name=action_view_jobs]:contains(Line 1)",
            run: "click",
        },
        { content: "They are shown", trigger: ".o_data_row:contains(LPM/PRINTING)" },
    ],
});
