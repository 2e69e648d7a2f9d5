package main

import (
	"github.com/pulumi-alicloud-image/pulumi-alicloud-image/sdk/go/alicloudimage"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		golden, err := alicloudimage.NewCustomImage(ctx, "golden", &alicloudimage.CustomImageArgs{
			InstanceId:  pulumi.String(config.Require(ctx, "instanceId")),
			Description: pulumi.String("Web server"),
			ImageFamily: pulumi.String("golden"),
			Tags:        pulumi.StringMap{"team": pulumi.String("web")},
		})
		if err != nil {
			return err
		}
		ctx.Export("imageId", golden.ImageId)
		ctx.Export("status", golden.Status)
		return nil
	})
}
