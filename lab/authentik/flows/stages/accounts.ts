import { duration } from "../../rows";
import { named, score } from "../reputation";
import { denied, done, type Stage } from "../run";

/** Writes what was entered in prompts to who is pending. Makes no accounts. */
export const userWrite: Stage = {
  show({ objects, plan, user, who, exchange }) {
    const { prompted } = plan.context;
    if (Object.keys(prompted).length === 0) return denied("No Pending data.");
    if (!user) return denied("No user found and can't create new user.");
    for (const key of ["username", "name", "email"]) if (prompted[key] !== undefined) user[key] = prompted[key];
    for (const [key, value] of Object.entries(prompted)) {
      if (key.startsWith("attributes.")) user.attributes[key.slice("attributes.".length)] = value;
    }
    if (typeof prompted.password === "string") {
      objects.setPassword(user, prompted.password);
      objects.record("password_set", user, {}, who.ip);
    }
    objects.record(
      "user_write",
      user,
      { created: false, email: user.email, username: user.username },
      exchange.clientIp,
    );
    objects.changed();
    return done;
  },
};

/** Logs in, without a question. */
export const userLogin: Stage = {
  show(run) {
    const { objects, sessions, exchange, stage, plan, user, who } = run;
    if (!user) return denied("No Pending user to login.");
    if (!user.is_active) return denied("User is not active.");
    run.session = sessions.logIn(exchange, user, duration(stage.session_duration ?? "") ?? 0);
    score(objects, who, 1);
    const devices = plan.context.devices;
    objects.record(
      "login",
      user,
      {
        auth_method: plan.context.isRestored ? "token" : devices.length > 0 ? "auth_mfa" : "password",
        auth_method_args: devices.length > 0 ? { mfa_devices: devices.map(named) } : {},
      },
      exchange.clientIp,
    );
    objects.changed();
    return done;
  },
};

/** Logs out. */
export const userLogout: Stage = {
  show({ objects, sessions, exchange }) {
    const user = sessions.userOf(exchange);
    if (user) objects.record("logout", user, {}, exchange.clientIp);
    sessions.logOut(exchange);
    return done;
  },
};

/** Ends the flow. */
export const deny: Stage = { show: ({ stage }) => denied(stage.deny_message || undefined) };
