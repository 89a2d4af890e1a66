import { registry } from "@web/core/registry";
import { openJob, openPage } from "./tour_steps";

const tours = registry.category("web_tour.tours");

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
