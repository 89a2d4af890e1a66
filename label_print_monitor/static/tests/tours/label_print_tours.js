import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");

/** Open the app and one of its pages the way a person does. */
function openPage(menu) {
    return [
        ...stepUtils.goToAppSteps(
            "label_print_monitor.menu_label_print_root",
            "Open Label Printing"
        ),
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

tours.add("label_print_act_on_a_failure", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps(
            "label_print_monitor.menu_label_print_root",
            "Open Label Printing"
        ),
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
            trigger: ".o_notebook .nav-link:contains(Labels That Need Somebody)",
            run: "click",
        },
        {
            content: "with their lot",
            trigger: "[name=failed_label_ids] .o_data_row:contains(LOT-KNOWN)",
        },
        { content: "Retry", trigger: ".o_form_statusbar button[name=action_retry]", run: "click" },
        {
            content: "It prints again",
            trigger: ".o_form_view .o_statusbar_status .o_arrow_button_current:contains(Pending)",
        },
        { content: "and says so", trigger: ".o_notification:contains(will be printed)" },
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
        {
            content: "The dialog says which job",
            trigger: ".modal [name=jobs_display]:contains(LPM/PENDING)",
        },
        {
            content: "One tap on the reason cancels",
            trigger: ".modal .o_label_print_reasons button:contains(Wrong printer)",
            run: "click",
        },
        {
            content: "The row says so",
            trigger: ".o_data_row:contains(LPM/PENDING):contains(Cancelled)",
        },
        { content: "The dialog is gone", trigger: "body:not(:has(.modal))" },
        openJob("LPM/PENDING"),
        {
            content: "The job keeps who cancelled it and why",
            trigger:
                ".o_form_view:has([name=cancelled_by]:contains(lpm_user)) [name=cancel_reason]:contains(Wrong printer)",
        },
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
            trigger:
                ".o_kanban_record:contains(LPM/PENDING) button[name=action_cancel]:contains(LPM/PENDING)",
            run: "click",
        },
        {
            content: "What keeps the job says so: it is not called Cancel as well",
            trigger: ".modal .modal-footer button:contains(Keep Printing)",
        },
        {
            content: "A reason of one's own needs words",
            trigger: ".modal button[name=action_confirm]:contains(Cancel Printing)",
            run: "click",
        },
        {
            content: "which is said, and nothing is cancelled",
            trigger: ".o_error_dialog:contains(Say in a few words why) .modal-footer button",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".modal [name=note] input",
            run: "edit Customer moved the date && press Tab",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name=action_confirm]:contains(Cancel Printing)",
            run: "click",
        },
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
            content: "Retry where the print server only counted",
            trigger: ".o_data_row:contains(LPM/COUNTED) button[name=action_retry]",
            run: "click",
        },
        {
            content: "The dialog says to look at the paper",
            trigger: ".modal:contains(Look at the paper)",
        },
        {
            content: "It proposes nothing: who has not looked must not print",
            trigger: ".modal [name=labels_display]:contains(Nothing, until)",
        },
        {
            content: "The last good label in the hand is the fifth",
            trigger: ".modal [name=resume_from] input",
            run: "edit 6 && press Tab",
        },
        {
            content: "Fifteen are left",
            trigger: ".modal [name=labels_display]:contains(15 labels: 6–20)",
        },
        {
            content: "The answers follow, those to counted labels as well",
            trigger:
                ".modal .o_label_print_verdict[data-index='6'][data-verdict=off][aria-pressed=true]",
        },
        {
            content: "Label 9 turns up",
            trigger: ".modal .o_label_print_verdict[data-index='9'][data-verdict=on]",
            run: "click",
        },
        {
            content: "Fourteen are left",
            trigger: ".modal [name=labels_display]:contains(14 labels: 6–8, 10–20)",
        },
        {
            content: "Print",
            trigger: ".modal button[name=action_confirm]:contains(Print)",
            run: "click",
        },
        {
            content: "It prints again",
            trigger: ".o_data_row:contains(LPM/COUNTED):contains(Pending)",
        },
    ],
});

tours.add("label_print_retry_one_uncertain", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        {
            content: "Retry where one label in the middle is uncertain",
            trigger: ".o_data_row:contains(LPM/UNCERTAIN) button[name=action_retry]",
            run: "click",
        },
        { content: "The dialog asks about that one", trigger: ".modal .alert:contains(label 9)" },
        {
            content: "and says where to look for it",
            trigger: ".modal [data-row='9']:contains(LOT-UNCERTAIN)",
        },
        {
            content: "Without an answer nothing is done",
            trigger: ".modal button[name=action_confirm]:contains(Save)",
            run: "click",
        },
        {
            content: "and the dialog says why",
            trigger: ".o_error_dialog:contains(Say of label 9) .modal-footer button",
            run: "click",
        },
        {
            content: "It is not on paper",
            trigger: ".modal .o_label_print_verdict[data-index='9'][data-verdict=off]",
            run: "click",
        },
        {
            content: "It will be printed, and no other",
            trigger: ".modal [name=labels_display]:contains(1 label: 9)",
        },
        {
            content: "Print",
            trigger: ".modal button[name=action_confirm]:contains(Print)",
            run: "click",
        },
        { content: "It says which", trigger: ".o_notification:contains(label 9 will be printed)" },
        {
            content: "It prints again",
            trigger: ".o_data_row:contains(LPM/UNCERTAIN):contains(Pending)",
        },
    ],
});

tours.add("label_print_retry_on_another_printer", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        openJob("LPM/KNOWN"),
        {
            content: "Choose labels and printer",
            trigger: ".o_form_statusbar button[name=action_retry_choose]",
            run: "click",
        },
        {
            content: "All that is missing is proposed",
            trigger: ".modal [name=labels_display]:contains(12 labels: 9–20)",
        },
        { content: "The printer is not ready", trigger: ".modal .alert:contains(not ready)" },
        { content: "Only some of the labels", trigger: ".modal [name=choose] input", run: "click" },
        {
            content: "A label that is on paper cannot be chosen",
            trigger: ".modal .o_label_print_square[data-index='8'][aria-disabled=true]",
        },
        {
            content: "Leave out label 20",
            trigger: ".modal .o_label_print_square[data-index='20'][aria-selected=true]",
            run: "click",
        },
        {
            content: "Eleven are left",
            trigger: ".modal [name=labels_display]:contains(11 labels: 9–19)",
        },
        {
            content: "Another printer",
            trigger: ".modal [name=printer_id] input",
            run: "edit A Line",
        },
        {
            content: "Choose it",
            trigger: ".o-autocomplete--dropdown-item:contains(A Line)",
            run: "click",
        },
        { content: "That one is ready", trigger: ".modal:not(:has(.alert:contains(not ready)))" },
        {
            content: "Print",
            trigger: ".modal button[name=action_confirm]:contains(Print)",
            run: "click",
        },
        {
            content: "It is that printer's now",
            trigger: ".o_form_view [name=printer_id]:contains(A Line)",
        },
        {
            content: "Open the attempts",
            trigger: ".o_notebook .nav-link:contains(Attempts)",
            run: "click",
        },
        {
            content: "Both are told apart by their printers",
            trigger:
                "[name=attempt_ids] .o_data_row:contains(A Line) + .o_data_row:contains(Line 1)",
        },
    ],
});

tours.add("label_print_print_again", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        openJob("LPM/UNCERTAIN"),
        {
            content: "A label was torn",
            trigger: ".o_form_statusbar button[name=action_print_again]",
            run: "click",
        },
        {
            content: "Choose label 3",
            trigger: ".modal .o_label_print_square[data-index='3']",
            run: "click",
        },
        {
            content: "Label 9 cannot be copied: nobody knows whether there is one",
            trigger: ".modal .o_label_print_square[data-index='9'][aria-disabled=true]",
        },
        { content: "One copy", trigger: ".modal [name=labels_count]:contains(1)" },
        {
            content: "Print without a reason",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        { content: "It is asked for", trigger: ".modal .o_field_invalid[name=reason]" },
        {
            content: "Say why",
            trigger: ".modal [name=reason] .o_radio_item:contains(damaged) input",
            run: "click",
        },
        {
            content: "A range as well",
            trigger: ".modal .o_label_print_chooser_input",
            run: "edit 3, 5-7 && press Tab",
        },
        { content: "Four copies", trigger: ".modal [name=labels_count]:contains(4)" },
        { content: "Print", trigger: ".modal button[name=action_confirm]", run: "click" },
        {
            content: "The copies are a job of their own, which says what it copies",
            trigger: ".o_form_view:not(:has(.modal)) [name=copy_of_id]:contains(LPM/UNCERTAIN)",
        },
        { content: "and why", trigger: ".o_form_view [name=copy_reason]:contains(damaged)" },
        {
            content: "Back to the original",
            trigger: ".o_form_view [name=copy_of_id] a",
            run: "click",
        },
        {
            content: "It counts its copies and has not moved",
            trigger:
                ".o_form_view:has(.o_arrow_button_current:contains(Completed with Errors)) .oe_stat_button:contains(Copies)",
        },
    ],
});

tours.add("label_print_it_is_on_paper", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        openJob("LPM/UNCERTAIN"),
        {
            content: "Somebody has found the label",
            trigger: ".o_form_statusbar button[name=action_settle]",
            run: "click",
        },
        { content: "Nothing is printed here", trigger: ".modal:not(:has([name=printer_id]))" },
        {
            content: "It is on paper",
            trigger: ".modal .o_label_print_verdict[data-index='9'][data-verdict=on]",
            run: "click",
        },
        {
            content: "The answer shows",
            trigger:
                ".modal .o_label_print_verdict[data-index='9'][data-verdict=on][aria-pressed=true]",
        },
        {
            content: "Save",
            trigger: ".modal button[name=action_confirm]:contains(Save)",
            run: "click",
        },
        {
            content: "The job is complete",
            trigger: ".o_form_view .o_statusbar_status .o_arrow_button_current:contains(Completed)",
        },
        {
            content: "All of it",
            trigger: ".o_form_view [name=labels_done_display]:contains(20 of 20)",
        },
        {
            content: "Look at the label",
            trigger: ".o_label_print_square[data-index='9']",
            run: "click",
        },
        {
            content: "Its story names who has seen it",
            trigger: ".o_label_print_story:contains(Seen on Paper):contains(lpm_user)",
        },
    ],
});

tours.add("label_print_labels_on_a_desk", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        openJob("LPM/UNCERTAIN"),
        {
            content: "The labels are shown first; a square says its state to a screen reader",
            trigger: ".o_label_print_square[data-index='9'][aria-label*='Uncertain']",
            run: "click",
        },
        {
            content: "Its story opens beside it, with the printer",
            trigger: ".o_label_print_story:contains(Label 9):contains(Attempt 1):contains(Line 1)",
        },
        {
            content: "with what can be done",
            trigger: ".o_label_print_story button[name=action_label_on_paper]",
        },
        { content: "Close it", trigger: ".o_label_print_story_close", run: "click" },
        { content: "It is closed", trigger: ".o_form_view:not(:has(.o_label_print_story))" },
        {
            content: "By the keyboard to the next label",
            trigger: ".o_label_print_square[data-index='9']",
            run: "press ArrowRight",
        },
        {
            content: "whose story Enter opens",
            trigger: ".o_label_print_square[data-index='10']:focus",
            run: "press Enter",
        },
        { content: "It is that label's", trigger: ".o_label_print_story:contains(Label 10)" },
        { content: "Close it", trigger: ".o_label_print_story_close", run: "click" },
        { content: "By lot", trigger: ".o_label_print_label_grid [data-by=lot]", run: "click" },
        {
            content: "The lot is named",
            trigger: ".o_label_print_squares_title:contains(LOT-UNCERTAIN)",
        },
        { content: "As a table", trigger: ".o_label_print_as_table", run: "click" },
        {
            content: "The table says the same",
            trigger: ".o_label_print_label_table tr:has([data-index='9']):contains(Uncertain)",
        },
    ],
});

// Where it starts is the job's own page, which only the test knows.
tours.add("label_print_labels_on_a_phone", {
    steps: () => [
        {
            content: "Tap a label",
            trigger: ".o_label_print_square[data-index='9']",
            run: "click",
        },
        {
            content: "Its story comes up from below",
            trigger: ".o_label_print_story_panel:contains(Label 9):contains(Uncertain)",
        },
        {
            content: "It is not on paper",
            trigger: ".o_label_print_story_panel button[name=action_label_not_on_paper]",
            run: "click",
        },
        {
            content: "The square follows at once",
            trigger: ".o_label_print_square[data-index='9'][aria-label*='Not Printed']",
        },
        {
            content: "and so does the story",
            trigger: ".o_label_print_story_panel:contains(Not on Paper)",
        },
        { content: "Close it", trigger: ".o_label_print_story_close", run: "click" },
        { content: "It is closed", trigger: ".o_form_view:not(:has(.o_label_print_story))" },
        {
            content: "The attempts are cards",
            trigger: ".o_notebook .nav-link:contains(Attempts)",
            run: "click",
        },
        {
            content: "with what came of each",
            trigger: "[name=attempt_ids] .o_kanban_record:contains(19 of 20 printed)",
        },
    ],
});

tours.add("label_print_move_what_waits", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_printer_status"),
        {
            content: "Something waits for a printer that cannot print",
            trigger: ".o_kanban_record:contains(Line 1) button[name=action_move_waiting]",
            run: "click",
        },
        {
            content: "The dialog shows what",
            trigger: ".modal [name=job_ids]:contains(LPM/PENDING)",
        },
        { content: "Where to", trigger: ".modal [name=target_id] input", run: "edit A Line" },
        {
            content: "Choose it",
            trigger: ".o-autocomplete--dropdown-item:contains(A Line)",
            run: "click",
        },
        { content: "Move", trigger: ".modal button[name=action_confirm]", run: "click" },
        { content: "It says so", trigger: ".o_notification:contains(1 job moves to A Line)" },
        {
            content: "Nothing waits any more",
            trigger:
                ".o_kanban_record:contains(Line 1):not(:has(button[name=action_move_waiting]))",
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
