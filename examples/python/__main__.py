import pulumi
import pulumi_alicloud_image as alicloud_image

config = pulumi.Config()

golden = alicloud_image.CustomImage(
    "golden",
    instance_id=config.require("instanceId"),
    description="Web server",
    image_family="golden",
    tags={"team": "web"},
)

pulumi.export("imageId", golden.image_id)
pulumi.export("status", golden.status)
