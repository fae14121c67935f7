"""TikTok's exact words and addresses (section A of the rules), written out a second time.

Nothing here is imported from the product: reviewers compare these strings letter by letter.
"""

S1 = "By posting, you agree to TikTok's Music Usage Confirmation"
S2 = "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation."
S3 = {
    "video": "Your video will be labeled as 'Promotional content'",
    "photo": "Your photo will be labeled as 'Promotional content'",
}
S4 = {
    "video": "Your video will be labeled as 'Paid partnership'",
    "photo": "Your photo will be labeled as 'Paid partnership'",
}
S5 = "You need to indicate if your content promotes yourself, a third party, or both."
S6 = "Branded content visibility cannot be set to private."
L1 = ["Allow Comment", "Duet", "Stitch"]
L2 = "Content Disclosure Setting"
L3 = ["Your brand", "Branded content"]
MUSIC_USAGE_URL = "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en"
BRANDED_CONTENT_URL = "https://www.tiktok.com/legal/page/global/bc-policy/en"
