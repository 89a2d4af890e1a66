import { registry } from "@web/core/registry";
import { CalendarRenderer } from "@web/views/calendar/calendar_renderer";
import { calendarView } from "@web/views/calendar/calendar_view";
import { DayCalendarModel } from "./day_calendar_model";
import { DayCalendarMonth } from "./day_calendar_month";

class DayCalendarRenderer extends CalendarRenderer {
    static components = { ...CalendarRenderer.components, month: DayCalendarMonth };
}

/** Odoo's calendar with the number of jobs of each day in place of the jobs themselves, of which a day may have 2,000. */
registry.category("views").add("label_print_day_calendar", {
    ...calendarView,
    Model: DayCalendarModel,
    Renderer: DayCalendarRenderer,
});
