//! Rules on parameters and credentials.

use serde_yaml::Value;

use super::Effect;

/// Drops optional cookies, and leaves out operations that need one.
pub fn no_cookies(operation: &mut Value) -> Effect {
    let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_sequence_mut) else {
        return Effect::None;
    };
    let is_cookie = |parameter: &Value| parameter["in"] == "cookie";
    let effect = match parameters.iter().find(|parameter| is_cookie(parameter)) {
        None => return Effect::None,
        Some(_) if parameters.iter().any(|parameter| is_cookie(parameter) && parameter["required"] == true) => {
            Effect::LeftOut
        }
        Some(_) => Effect::Limited,
    };
    parameters.retain(|parameter| !is_cookie(parameter));
    effect
}

/// Keeps the first of several ways to sign in, where the generator takes alternatives for what must be sent together.
pub fn first_credentials(operation: &mut Value) -> Effect {
    let Some(ways) = operation.get_mut("security").and_then(Value::as_sequence_mut).filter(|ways| ways.len() > 1)
    else {
        return Effect::None;
    };
    ways.truncate(1);
    Effect::Adapted
}
