//! Who calls, and whom the client trusts.

use kubeset::api::authentication::v1::SelfSubjectReview;
use kubeset::{Clientset, Error};

use super::config;

async fn whoami(context: &str) -> Result<(String, Vec<String>), Error> {
    let clientset = Clientset::new(&config(context)).unwrap();
    let review =
        clientset.authentication_v1().self_subject_reviews().create(&SelfSubjectReview::default()).await?;
    let user = review.status.unwrap().user_info.unwrap();
    Ok((user.username.unwrap(), user.groups.unwrap_or_default()))
}

#[tokio::test]
async fn client_certificates_and_tokens_are_recognised_as_data_and_as_files() {
    for context in ["admin", "admin-files", "token", "token-file"] {
        let (_, groups) = whoami(context).await.unwrap();
        assert!(groups.iter().any(|group| group == "system:masters"), "{context}: {groups:?}");
    }
    assert_eq!(whoami("jane").await.unwrap().0, "jane");
}

#[tokio::test]
async fn a_server_that_another_authority_vouches_for_is_not_trusted() {
    let error = whoami("wrong-ca").await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
    assert!(error.attempts() <= 1);
}

#[tokio::test]
async fn a_wrong_token_is_unauthorized_and_no_credentials_are_nobody() {
    let mut wrong = config("token").anonymous();
    wrong.bearer_token = Some("wrong".into());
    let error = Clientset::new(&wrong).unwrap().core_v1().pods().list().await.unwrap_err();
    assert!(error.is_unauthorized(), "{error:?}");
    let anonymous = Clientset::new(&config("token").anonymous()).unwrap();
    let error = anonymous.core_v1().pods().list().await.unwrap_err();
    assert!(error.is_forbidden() || error.is_unauthorized(), "{error:?}");
}

#[tokio::test]
async fn insecure_works_only_without_an_authority() {
    let mut config = config("token");
    config.tls.insecure = true;
    Clientset::new(&config).unwrap_err();
    config.tls.ca = None;
    Clientset::new(&config).unwrap().core_v1().pods().list().await.unwrap();
}
