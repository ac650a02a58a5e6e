const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const weekday = `(?:${weekdays.join("|")})`;

/**
 * A time of day, with weekdays before it if not daily: `02:30`, `sat 04:00`, `mon..fri,sun 22:15`. Of Proxmox's calendar
 * events (https://pve.proxmox.com/pve-docs/pve-admin-guide.html#chapter_calendar_events) these are the ones that come at
 * most once a day and at least once a week.
 */
export const weeklyTime = new RegExp(`^(?:${weekday}(?:(?:\\.\\.|,)${weekday})* )?(?:[01]?\\d|2[0-3]):[0-5]\\d$`);
