module golden-image-go

go 1.25

require (
	github.com/pulumi-alicloud-image/pulumi-alicloud-image/sdk/go v0.1.0
	github.com/pulumi/pulumi/sdk/v3 v3.230.0
)

replace github.com/pulumi-alicloud-image/pulumi-alicloud-image/sdk/go => ./sdks/alicloud-image
