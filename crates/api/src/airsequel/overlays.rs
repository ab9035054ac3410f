//! What the documents say of the operations beside their types: worked examples, and links that no name gives away.

use crate::document::Overlay;

/// The overlays of this product. The test of the documents sends each request example to a fresh demo server and compares
/// what comes back.
pub const OVERLAYS: &[Overlay] = &[
    Overlay { operation: Some("get_status"), text: include_str!("overlays/get_status.yaml") },
    Overlay { operation: Some("open_session"), text: include_str!("overlays/open_session.yaml") },
    Overlay { operation: Some("end_session"), text: include_str!("overlays/end_session.yaml") },
    Overlay { operation: Some("create_user"), text: include_str!("overlays/create_user.yaml") },
    Overlay { operation: Some("get_user"), text: include_str!("overlays/get_user.yaml") },
    Overlay { operation: Some("invite_user"), text: include_str!("overlays/invite_user.yaml") },
    Overlay { operation: Some("request_password_reset"), text: include_str!("overlays/request_password_reset.yaml") },
    Overlay { operation: Some("reset_password"), text: include_str!("overlays/reset_password.yaml") },
    Overlay { operation: Some("show_password_reset"), text: include_str!("overlays/show_password_reset.yaml") },
    Overlay { operation: Some("verify_email"), text: include_str!("overlays/verify_email.yaml") },
    Overlay { operation: Some("show_invitation"), text: include_str!("overlays/show_invitation.yaml") },
    Overlay { operation: Some("list_mail_links"), text: include_str!("overlays/list_mail_links.yaml") },
    Overlay { operation: Some("create_team"), text: include_str!("overlays/create_team.yaml") },
    Overlay { operation: Some("get_team"), text: include_str!("overlays/get_team.yaml") },
    Overlay { operation: Some("change_team"), text: include_str!("overlays/change_team.yaml") },
    Overlay { operation: Some("remove_team"), text: include_str!("overlays/remove_team.yaml") },
    Overlay { operation: Some("list_members"), text: include_str!("overlays/list_members.yaml") },
    Overlay { operation: Some("set_member_roles"), text: include_str!("overlays/set_member_roles.yaml") },
    Overlay { operation: Some("remove_member"), text: include_str!("overlays/remove_member.yaml") },
    Overlay { operation: Some("list_tokens"), text: include_str!("overlays/list_tokens.yaml") },
    Overlay { operation: Some("create_token"), text: include_str!("overlays/create_token.yaml") },
    Overlay { operation: Some("get_token"), text: include_str!("overlays/get_token.yaml") },
    Overlay { operation: Some("change_token"), text: include_str!("overlays/change_token.yaml") },
    Overlay { operation: Some("remove_token"), text: include_str!("overlays/remove_token.yaml") },
];
